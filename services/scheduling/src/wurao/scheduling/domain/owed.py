"""What is owed by a day: plans and meetings of the conference, and which of them are overdue (CX-01, CX-02, LX-02)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from wurao.scheduling.domain.conference import every_months
from wurao.scheduling.domain.plans import filing_term
from wurao.scheduling.domain.policy import Policy
from wurao.scheduling.domain.quarters import Period, period_of


@dataclass(frozen=True, slots=True)
class Owed:
    """A plan owed by `due`: by each agency, by the agencies of `lines`, or once by the area where `once`."""

    kind: str
    period: Period
    due: date
    clause: str
    lines: tuple[str, ...]
    once: bool
    message: str


def plans_owed(today: date, since: date, policy: Policy) -> Iterator[Owed]:
    """The plans whose last day lies from `since` up to yesterday: what was due before is not this watch's business."""
    found = [*_annual(today.year, policy), *_joint_of_year(today.year, policy), *_joint_of_quarter(today, policy)]
    return (owed for owed in found if since <= owed.due < today)


def _annual(year: int, policy: Policy) -> Iterator[Owed]:
    """The annual plan: of the line that leads the random plan where the pack names one, else of every agency."""
    term = filing_term("annual", date(year, 1, 1), policy)
    if term.due is None:
        return
    lines = policy.office.leads.value.get("random_plan", ())
    what = "年度“双随机”检查计划" if lines else "年度检查计划"
    message = f"{year}{what}未在{term.due.month}月{term.due.day}日前制定报备"
    yield Owed("annual", Period(year, 1, 12), term.due, term.clause, lines, False, message)


def _joint_of_year(year: int, policy: Policy) -> Iterator[Owed]:
    """The yearly joint plan, due with the annual plan (LX-13, CX-14)."""
    term = filing_term("annual", date(year, 1, 1), policy)
    if policy.plan.joint_annual.value and term.due is not None:
        message = f"{year}年度联合检查计划未在{term.due.month}月{term.due.day}日前制定报备"
        yield Owed("joint", Period(year, 1, 12), term.due, policy.plan.joint_annual.clause, (), True, message)


def _joint_of_quarter(today: date, policy: Policy) -> Iterator[Owed]:
    """The joint plan of the period that runs, due before it began (CX-03)."""
    every = policy.plan.joint_every_months
    if every is None:
        return
    period = period_of(today, every.value)
    term = filing_term("joint", period.first, policy)
    if term.due is not None:
        message = f"{period.title}非双随机联合检查计划未在{term.due.month}月{term.due.day}日前形成报备"
        yield Owed("joint", period, term.due, every.clause, (), True, message)


def meeting_owed(today: date, since: date, policy: Policy) -> Period | None:
    """The last period that ended, when the conference should have met in it and the watch began before it did."""
    if not policy.conference.required.value or policy.conference.every_months is None:
        return None
    before = period_of(today, every_months(policy)).before
    return before if since <= before.first else None
