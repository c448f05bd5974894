"""Due days of a case, each with its explanation (PL-60, PL-63, PL-67, PL-85)."""

from datetime import date

from wurao.common.legalclock import DueDate, Pause, Period, Unit, due_date
from wurao.common.packs import Param
from wurao.common.workdays import WorkCalendar
from wurao.penalty.domain.policy import CoercionSection, RemedySection, TermSection, WorkingTerms


def days(param: Param[int], working: WorkingTerms, *, roll: bool = False) -> Period:
    """A period of days whose unit follows the penalty law's own rule (PL-85)."""
    unit: Unit = "working" if param.value in working.working_day_terms.value else "calendar"
    return Period(param.value, unit, param.cite, roll_to_workday=roll)


def decision_due(
    opened_on: date, terms: TermSection, working: WorkingTerms, calendar: WorkCalendar, pauses: list[Pause]
) -> DueDate:
    """When the case must be decided (PL-60)."""
    return due_date(opened_on, days(terms.decision_days, working), calendar, pauses)


def delivery_due(decided_on: date, terms: TermSection, working: WorkingTerms, calendar: WorkCalendar) -> DueDate:
    """When a decision that was not handed over at once must be delivered (PL-60)."""
    return due_date(decided_on, days(terms.delivery_days, working), calendar)


def statement_term(terms: TermSection) -> Param[int]:
    """The time for statements; where the pack is silent, as long as the law gives to ask for a hearing (PL-44)."""
    return terms.statement_days or terms.hearing_request_days


def statement_due(served_on: date, terms: TermSection, working: WorkingTerms, calendar: WorkCalendar) -> DueDate:
    """When the time for statements is over (PL-44)."""
    return due_date(served_on, days(statement_term(terms), working), calendar)


def hearing_due(served_on: date, terms: TermSection, working: WorkingTerms, calendar: WorkCalendar) -> DueDate:
    """The last day to ask for a hearing (PL-63)."""
    return due_date(served_on, days(terms.hearing_request_days, working), calendar)


def hearing_earliest(notified_on: date, terms: TermSection, working: WorkingTerms, calendar: WorkCalendar) -> DueDate:
    """The last day of the notice time before a hearing; it may be held afterwards (PL-63)."""
    return due_date(notified_on, days(terms.hearing_notice_days, working), calendar)


def payment_due(received_on: date, terms: TermSection, working: WorkingTerms, calendar: WorkCalendar) -> DueDate:
    """The last day to pay; one that is not worked moves on, in the party's favour (PL-67)."""
    return due_date(received_on, days(terms.payment_days, working, roll=True), calendar)


def review_due(received_on: date, remedy: RemedySection, calendar: WorkCalendar) -> DueDate:
    """The last day to apply for administrative review (RL-23)."""
    period = Period(remedy.days_to_apply.value, "calendar", remedy.days_to_apply.cite)
    return due_date(received_on, period, calendar)


def seal_due(imposed_on: date, coercion: CoercionSection, calendar: WorkCalendar) -> DueDate:
    """When a seal or seizure ends unless it is extended (CL-25)."""
    return due_date(imposed_on, Period(coercion.seal_days.value, "calendar", coercion.seal_days.cite), calendar)
