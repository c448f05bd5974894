"""What is owed on a fine: integer fen, surcharge for late days, pauses, deferral and instalments (PL-72, YZ-16).

3 % a day (the pack's permille) of the principal that is overdue, counted from the day after the due day up to and
including the day asked for; days within an administrative review or a lawsuit do not count (行政处罚法 art. 73);
an approved plan replaces the due day, and under a plan only a missed part is overdue. The sum over all days is
rounded down to the fen once, and never exceeds the fine.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from wurao.common.contracts.shared import Refusal
from wurao.common.errors import Refused
from wurao.common.packs import Bases
from wurao.penalty.domain.policy import SurchargeSection, refusal

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Part:
    """An amount and its due day."""

    due: date
    fen: int


@dataclass(frozen=True, slots=True)
class Schedule:
    """What is due when, from the day after `since` on; `paid_before` is the principal already paid then."""

    since: date
    parts: tuple[Part, ...]
    paid_before: int = 0


@dataclass(frozen=True, slots=True)
class Paid:
    """Principal paid on a day."""

    on: date
    fen: int


@dataclass(frozen=True, slots=True)
class Span:
    """Days from `first` to `last`, both included; `last` None: not over yet. They do not count."""

    first: date
    last: date | None
    reason: str


@dataclass(frozen=True, slots=True)
class Surcharge:
    """The surcharge in fen, late days that counted, whether the cap was reached, and the Chinese explanation."""

    fen: int
    days: int
    capped: bool
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Debt:
    """A fine with its schedules (oldest first), payments of principal and pauses."""

    fine_fen: int
    schedules: tuple[Schedule, ...]
    paid: tuple[Paid, ...] = ()
    pauses: tuple[Span, ...] = ()

    def overdue(self, day: date) -> int:
        """The principal that is late on a day: due before it, and not paid before it."""
        schedule = next((s for s in reversed(self.schedules) if s.since < day), None)
        if schedule is None:
            return 0
        required = schedule.paid_before + sum(part.fen for part in schedule.parts if part.due < day)
        return max(0, required - sum(payment.fen for payment in self.paid if payment.on < day))

    def pause(self, day: date) -> Span | None:
        """The pause that a day falls into."""
        return next((p for p in self.pauses if p.first <= day and (p.last is None or day <= p.last)), None)

    def outstanding(self, on: date) -> int:
        """Principal unpaid at the end of a day."""
        return self.fine_fen - sum(payment.fen for payment in self.paid if payment.on <= on)


def plain_debt(fine_fen: int, decided_on: date, due: date) -> Debt:
    """A fine with its one due day."""
    return Debt(fine_fen, (Schedule(decided_on, (Part(due, fine_fen),)),))


def surcharge(debt: Debt, on: date, rates: SurchargeSection) -> Surcharge:
    """The surcharge that has run up to and including `on` (PL-72). Pauses and payments may be in any order."""
    permille, cap = rates.late_surcharge_permille_per_day.value, debt.fine_fen
    thousandths, days, steps = 0, 0, []
    for first, last in _stretches(debt, on):
        overdue, pause, count = debt.overdue(first), debt.pause(first), (last - first).days + 1
        if overdue and pause:
            steps.append(f"{_days(first, last)}因{pause.reason}不计算加处罚款")
        elif overdue:
            days += count
            thousandths += overdue * permille * count
            rate = f"{overdue}分×{permille}‰×{count}日"
            steps.append(f"{_days(first, last)}逾期未缴{overdue}分，按日加处：{rate}")
    total = thousandths // 1000
    if total >= cap > 0:
        steps.append(f"加处罚款不超出罚款数额，以{cap}分为限（{rates.late_surcharge_cap.cite}）")
    return Surcharge(min(total, cap), days, total >= cap > 0, tuple(steps))


def _stretches(debt: Debt, on: date) -> list[tuple[date, date]]:
    """The days up to `on` cut wherever the overdue amount or a pause may change."""
    cuts = {schedule.since + DAY for schedule in debt.schedules}
    cuts |= {part.due + DAY for schedule in debt.schedules for part in schedule.parts}
    cuts |= {payment.on + DAY for payment in debt.paid}
    cuts |= {pause.first for pause in debt.pauses}
    cuts |= {pause.last + DAY for pause in debt.pauses if pause.last}
    inside = sorted(cut for cut in cuts if cut <= on)
    return [(first, following - DAY) for first, following in pairwise([*inside, on + DAY])]


def _days(first: date, last: date) -> str:
    return first.isoformat() if first == last else f"{first.isoformat()}至{last.isoformat()}"


def plan(parts: Sequence[Part], outstanding_fen: int, today: date, bases: Bases) -> tuple[Part, ...]:
    """An instalment plan: due days rise and lie ahead, and the parts add up exactly to what is owed (YZ-16).

    Raises Refused.
    """
    ordered = all(earlier.due < later.due for earlier, later in pairwise(parts))
    if not parts or not ordered or parts[0].due <= today or any(part.fen <= 0 for part in parts):
        message = "分期各期到期日应依次在后并晚于今日，金额应大于零"
        raise Refused([_refuse_plan("plan.bad_dates", message, bases)])
    total = sum(part.fen for part in parts)
    if total != outstanding_fen:
        message = f"分期合计{total}分，与应缴罚款{outstanding_fen}分不一致"
        raise Refused([_refuse_plan("plan.wrong_sum", message, bases)])
    return tuple(parts)


def _refuse_plan(code: str, message: str, bases: Bases) -> Refusal:
    return refusal(code, bases.instalments, message, "调整分期计划，使各期合计等于应缴罚款", "改为延期缴纳")


@dataclass(frozen=True, slots=True)
class Split:
    """A payment, principal first and then surcharge, and whether nothing is owed after it."""

    principal_fen: int
    surcharge_fen: int
    settled: bool


def split_payment(fen: int, outstanding_fen: int, surcharge_owed_fen: int, bases: Bases) -> Split:
    """Spread a payment. Raises Refused for more than is owed (LX-06)."""
    owed = outstanding_fen + surcharge_owed_fen
    if fen > owed:
        message, ways = f"缴款{fen}分超过应缴{owed}分", (f"缴纳{owed}分", "多缴部分由国库退还")
        raise Refused([refusal("payment.too_much", bases.treasury_only, message, *ways)])
    principal = min(fen, outstanding_fen)
    return Split(principal, fen - principal, fen == owed)


TREASURY_CHANNELS = frozenset({"treasury", "treasury_bank", "e_payment"})


def require_treasury(channel: str, bases: Bases) -> None:
    """Fines are paid into the treasury by designated bank or e-payment, never to the agency (LX-06, QZ-24, PL-67)."""
    if channel not in TREASURY_CHANNELS:
        message = "罚款只能经国库渠道收缴，不得缴入行政机关账户"
        ways = ("到指定银行缴纳", "通过电子支付系统缴纳")
        raise Refused([refusal("payment.not_treasury", bases.treasury_only, message, *ways)])
