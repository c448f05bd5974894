"""Surcharge, plans and payments as pure rules, against a day-by-day reckoning."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wurao.common.errors import Refused
from wurao.common.packs import Bases, load_pack
from wurao.penalty.domain.money import (
    Debt,
    Paid,
    Part,
    Schedule,
    Span,
    plain_debt,
    plan,
    require_treasury,
    split_payment,
    surcharge,
)
from wurao.penalty.domain.policy import SurchargeSection

START = date(2026, 1, 1)
DAY = timedelta(days=1)
RATES = load_pack("national").section(SurchargeSection, on=START)
OFFSETS = st.integers(0, 60)
FEN = st.integers(1, 10_000_000)


def bases(pack: str) -> Bases:
    """What refusals rest on under a pack."""
    return load_pack(pack).section(Bases, on=START)


@st.composite
def debts(draw: st.DrawFn) -> Debt:
    """A fine, perhaps deferred or in instalments, with payments and pauses."""
    fine = draw(FEN)
    schedules = [Schedule(START, (Part(START + 15 * DAY, fine),))]
    if draw(st.booleans()):
        first = draw(st.integers(0, fine))
        dues = sorted(draw(st.sets(st.integers(20, 60), min_size=2, max_size=2)))
        parts = (Part(START + dues[0] * DAY, first), Part(START + dues[1] * DAY, fine - first))
        schedules.append(Schedule(START + draw(st.integers(1, 19)) * DAY, parts))
    left, paid = fine, []
    for offset in draw(st.lists(OFFSETS, max_size=3)):
        amount = draw(st.integers(0, left))
        left -= amount
        paid.append(Paid(START + offset * DAY, amount))
    pauses = []
    for first_day, length in draw(st.lists(st.tuples(OFFSETS, st.integers(0, 20) | st.none()), max_size=2)):
        first_on = START + first_day * DAY
        pauses.append(Span(first_on, None if length is None else first_on + length * DAY, "行政复议"))
    return Debt(fine, tuple(schedules), tuple(paid), tuple(pauses))


def by_day(debt: Debt, on: date) -> tuple[int, int]:
    """Surcharge and late days, reckoned one day after the other."""
    thousandths, days, day = 0, 0, START
    while day <= on:
        paused = any(p.first <= day and (p.last is None or day <= p.last) for p in debt.pauses)
        plan_of_day = [s for s in debt.schedules if s.since < day]
        if plan_of_day and not paused:
            due = plan_of_day[-1].paid_before + sum(p.fen for p in plan_of_day[-1].parts if p.due < day)
            late = due - sum(p.fen for p in debt.paid if p.on < day)
            thousandths += max(0, late) * 30
            days += late > 0
        day += DAY
    return min(debt.fine_fen, thousandths // 1000), days


@pytest.mark.clause("PL-72")
@given(debts(), st.integers(0, 120))
def test_stretches_agree_with_days(debt: Debt, after: int) -> None:
    """The reckoning by stretches gives what the reckoning by days gives."""
    on = START + after * DAY
    found = surcharge(debt, on, RATES)
    assert (found.fen, found.days) == by_day(debt, on)


@pytest.mark.clause("PL-72")
@given(debts(), st.integers(0, 3000), st.integers(0, 3000))
def test_surcharge_grows_up_to_the_fine_and_no_further(debt: Debt, one: int, other: int) -> None:
    """It never falls as days go by, and never exceeds the fine."""
    earlier, later = (START + days * DAY for days in sorted((one, other)))
    assert 0 <= surcharge(debt, earlier, RATES).fen <= surcharge(debt, later, RATES).fen <= debt.fine_fen


@pytest.mark.clause("PL-72")
@given(FEN, st.integers(0, 200))
def test_plain_fine_is_three_percent_a_day(fine: int, late: int) -> None:
    """Without plan, pause or payment it is 3 % of the fine for each late day, rounded down once."""
    due = START + 15 * DAY
    found = surcharge(plain_debt(fine, START, due), due + late * DAY, RATES)
    assert found.fen == min(fine, fine * 3 * late // 100)


@pytest.mark.clause("YZ-16")
@given(st.lists(FEN, min_size=2, max_size=6))
def test_kept_plan_costs_nothing(amounts: list[int]) -> None:
    """Who pays every part on its day owes no surcharge, ever."""
    parts = tuple(Part(START + (30 + 30 * i) * DAY, fen) for i, fen in enumerate(amounts))
    debt = Debt(
        sum(amounts),
        (Schedule(START, (Part(START + 15 * DAY, sum(amounts)),)), Schedule(START + DAY, parts)),
        tuple(Paid(part.due, part.fen) for part in parts),
    )
    assert surcharge(debt, START + 1000 * DAY, RATES).fen == 0


@pytest.mark.clause("YZ-16")
@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ([], "plan.bad_dates"),
        ([Part(START, 100)], "plan.bad_dates"),
        ([Part(START + DAY, 0), Part(START + 2 * DAY, 100)], "plan.bad_dates"),
        ([Part(START + 2 * DAY, 50), Part(START + DAY, 50)], "plan.bad_dates"),
        ([Part(START + DAY, 50), Part(START + DAY, 50)], "plan.bad_dates"),
        ([Part(START + DAY, 50), Part(START + 2 * DAY, 49)], "plan.wrong_sum"),
        ([Part(START + DAY, 50), Part(START + 2 * DAY, 51)], "plan.wrong_sum"),
    ],
)
def test_plan_that_does_not_add_up_is_refused(parts: list[Part], code: str) -> None:
    """A plan's days rise and lie ahead, its parts are positive and add up to the fen."""
    with pytest.raises(Refused) as refused:
        plan(parts, 100, START, bases("yongzhou"))
    assert (refused.value.code, refused.value.clause) == (code, "YZ-16")


@given(FEN, st.integers(0, 10_000_000), st.integers(0, 10_000_000))
def test_payment_is_split_without_loss(fen: int, outstanding: int, late: int) -> None:
    """Every fen goes to principal first and then to surcharge; more than is owed is refused."""
    if fen > outstanding + late:
        with pytest.raises(Refused):
            split_payment(fen, outstanding, late, bases("national"))
        return
    split = split_payment(fen, outstanding, late, bases("national"))
    assert split.principal_fen + split.surcharge_fen == fen
    assert split.surcharge_fen == 0 or split.principal_fen == outstanding
    assert split.settled == (fen == outstanding + late)


@pytest.mark.clause("LX-06")
@pytest.mark.parametrize("channel", ["agency_account", "cash", "officer", ""])
def test_only_the_treasury_collects(channel: str) -> None:
    """Every channel but the treasury's is refused."""
    require_treasury("e_payment", bases("linxia"))
    with pytest.raises(Refused) as refused:
        require_treasury(channel, bases("linxia"))
    assert refused.value.clause == "LX-06"
