"""The figures of a period, from counters (QZ-19). Counts and rates only: nothing here is an amount (DT-06)."""

from collections.abc import Mapping, Sequence
from typing import TypedDict

from pydantic import BaseModel

from wurao.supervision.domain.statistics import DOOR, LATE, ON_TIME

# Figures of which what is left open follows: opened minus done since the beginning.
STOCKS = (
    "alert.cleared",
    "alert.raised",
    "callback.done",
    "callback.opened",
    "complaint.closed",
    "complaint.filed",
    "correction.answered",
    "correction.ordered",
)


class Totals:
    """Sums of counters by figure and dimension."""

    def __init__(self, sums: Mapping[tuple[str, str], int]) -> None:
        self._sums = sums

    def by(self, figure: str) -> dict[str, int]:
        """The figure's dimensions, the largest first."""
        found = {dimension: n for (name, dimension), n in self._sums.items() if name == figure}
        return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))

    def of(self, figure: str, dimension: str = "") -> int:
        """One dimension of a figure."""
        return self._sums.get((figure, dimension), 0)

    def total(self, figure: str) -> int:
        """All dimensions of a figure."""
        return sum(n for (name, _), n in self._sums.items() if name == figure)


class Rule(BaseModel):
    """The rule behind a refusal code as the gate worded it."""

    code: str
    clause: str
    cite: str
    message: str


class ClauseCount(BaseModel):
    """How often a clause kept an inspection from happening; `title` names its matter, `cite` its document."""

    clause: str
    title: str
    cite: str
    count: int


class CodeCount(BaseModel):
    """How often a code was the reason, with the rule's sentence."""

    code: str
    clause: str
    cite: str
    message: str
    count: int


class RefusalFigures(BaseModel):
    """What was prevented: by stage, by clause, by code."""

    total: int
    by_stage: dict[str, int]
    by_clause: list[ClauseCount]
    by_code: list[CodeCount]
    entries_refused: int
    for_certificate: int
    declined_by_enterprises: int


class InspectionFigures(BaseModel):
    """Inspections approved, begun and ended; minutes on site."""

    planned: int
    started: int
    finished: int
    by_scan: int
    by_exception: int
    scan_permille: int | None
    minutes: int
    minutes_mean: float | None
    unfiled: int
    draws: int


class MergeFigures(BaseModel):
    """Visits that merging saved."""

    tasks: int
    visits: int
    visits_unmerged: int
    saved: int
    unserved: int


class TimelyFigures(BaseModel):
    """Something with a deadline, done in time or late; what passed its deadline undone lowers the share too."""

    on_time: int
    late: int
    on_time_permille: int | None


class CallbackFigures(TimelyFigures):
    """Callbacks; `open` have no result at the end of the period, `overdue` passed their deadline in it."""

    opened: int
    done: int
    overdue: int
    open: int


class ComplaintFigures(TimelyFigures):
    """Complaints; `open` at the end of the period."""

    filed: int
    closed: int
    overdue: int
    open: int
    by_category: dict[str, int]
    by_channel: dict[str, int]
    by_outcome: dict[str, int]


class EvaluationFigures(BaseModel):
    """Evaluations by enterprises; `mean` of 1 to 5."""

    count: int
    mean: float | None
    disturbed: int
    fees_asked: int
    code_not_shown: int
    certificates_not_shown: int


class CaseFigures(BaseModel):
    """Cases and decisions by number, never by amount."""

    opened: int
    decided: int
    by_outcome: dict[str, int]
    list_departed: int
    heavy: int
    fines_paid: int
    coercion_imposed: int
    coercion_lifted: int


class AlertFigures(BaseModel):
    """Alerts; `open` at the end of the period."""

    raised: int
    cleared: int
    open: int
    by_kind: dict[str, int]


class CorrectionFigures(TimelyFigures):
    """Orders to correct; `open` have no feedback at the end of the period."""

    ordered: int
    answered: int
    overdue: int
    open: int


class LeadFigures(BaseModel):
    """Leads handed over and acknowledged."""

    referred: int
    acknowledged: int
    by_recipient: dict[str, int]


class AccountabilityFigures(BaseModel):
    """Sanctions and lost cases traced back."""

    sanctions: dict[str, int]
    trace_backs: dict[str, int]


class Figures(BaseModel):
    """Everything counted in an area and a period."""

    refusals: RefusalFigures
    inspections: InspectionFigures
    merging: MergeFigures
    filings: TimelyFigures
    plans: TimelyFigures
    callbacks: CallbackFigures
    complaints: ComplaintFigures
    evaluations: EvaluationFigures
    cases: CaseFigures
    alerts: AlertFigures
    corrections: CorrectionFigures
    leads: LeadFigures
    accountability: AccountabilityFigures


def permille(part: int, whole: int) -> int | None:
    """The share in thousandths, rounded down so that it never says more than happened; None of nothing."""
    return part * 1000 // whole if whole else None


def figures(period: Totals, stock: Totals, rules: Sequence[Rule], titles: Mapping[str, str]) -> Figures:
    """The figures of a period; `stock` sums everything up to its end, `titles` names clauses."""
    return Figures(
        refusals=_refusals(period, rules, titles),
        inspections=_inspections(period),
        merging=_merging(period),
        filings=TimelyFigures(**_timely(period, "filing")),
        plans=TimelyFigures(**_timely(period, "plan.filed")),
        callbacks=CallbackFigures(
            **_timely(period, "callback.done", "callback.overdue"),
            opened=period.total("callback.opened"),
            done=period.total("callback.done"),
            overdue=period.total("callback.overdue"),
            open=stock.total("callback.opened") - stock.total("callback.done"),
        ),
        complaints=ComplaintFigures(
            **_timely(period, "complaint.closed", "complaint.overdue"),
            filed=period.total("complaint.filed"),
            closed=period.total("complaint.closed"),
            overdue=period.total("complaint.overdue"),
            open=stock.total("complaint.filed") - stock.total("complaint.closed"),
            by_category=period.by("complaint.filed"),
            by_channel=period.by("complaint.channel"),
            by_outcome=period.by("complaint.outcome"),
        ),
        evaluations=_evaluations(period),
        cases=CaseFigures(
            opened=period.total("case.opened"),
            decided=period.total("case.decided"),
            by_outcome=period.by("case.decided"),
            list_departed=period.total("case.list_departed"),
            heavy=period.total("case.heavy"),
            fines_paid=period.total("fine.paid"),
            coercion_imposed=period.total("coercion.imposed"),
            coercion_lifted=period.total("coercion.lifted"),
        ),
        alerts=AlertFigures(
            raised=period.total("alert.raised"),
            cleared=period.total("alert.cleared"),
            open=stock.total("alert.raised") - stock.total("alert.cleared"),
            by_kind=period.by("alert.raised"),
        ),
        corrections=CorrectionFigures(
            **_timely(period, "correction.answered", "correction.overdue"),
            ordered=period.total("correction.ordered"),
            answered=period.total("correction.answered"),
            overdue=period.total("correction.overdue"),
            open=stock.total("correction.ordered") - stock.total("correction.answered"),
        ),
        leads=LeadFigures(
            referred=period.total("lead.referred"),
            acknowledged=period.total("lead.acknowledged"),
            by_recipient=period.by("lead.referred"),
        ),
        accountability=AccountabilityFigures(sanctions=period.by("sanction"), trace_backs=period.by("trace_back")),
    )


class _Timely(TypedDict):
    on_time: int
    late: int
    on_time_permille: int | None


def _timely(totals: Totals, figure: str, overdue: str = "") -> _Timely:
    """What was done late had mostly been overdue before, so of the two the larger number missed its day."""
    on_time, late = totals.of(figure, ON_TIME), totals.of(figure, LATE)
    missed = max(late, totals.total(overdue))
    return {"on_time": on_time, "late": late, "on_time_permille": permille(on_time, on_time + missed)}


def _refusals(period: Totals, rules: Sequence[Rule], titles: Mapping[str, str]) -> RefusalFigures:
    by_code = {rule.code: rule for rule in rules}
    cites = {rule.clause: rule.cite for rule in rules}
    return RefusalFigures(
        total=period.total("refused"),
        by_stage=period.by("refused"),
        by_clause=[
            ClauseCount(clause=clause, title=titles.get(clause, ""), cite=cites.get(clause, ""), count=n)
            for clause, n in period.by("refused.clause").items()
        ],
        by_code=[
            CodeCount(count=n, **by_code.get(code, Rule(code=code, clause="", cite="", message="")).model_dump())
            for code, n in period.by("refused.code").items()
        ],
        entries_refused=period.of("refused", DOOR),
        for_certificate=period.total("door.certificate"),
        declined_by_enterprises=period.total("declined"),
    )


def _inspections(period: Totals) -> InspectionFigures:
    started, finished, minutes = period.total("started"), period.total("finished"), period.total("minutes")
    return InspectionFigures(
        planned=period.total("visit.approved"),
        started=started,
        finished=finished,
        by_scan=period.of("started", "scan"),
        by_exception=period.of("started", "exception"),
        scan_permille=permille(period.of("started", "scan"), started),
        minutes=minutes,
        minutes_mean=round(minutes / finished, 1) if finished else None,
        unfiled=period.total("unfiled"),
        draws=period.total("draw"),
    )


def _merging(period: Totals) -> MergeFigures:
    visits, unmerged = period.total("merge.visits"), period.total("merge.unmerged")
    return MergeFigures(
        tasks=period.total("merge.tasks"),
        visits=visits,
        visits_unmerged=unmerged,
        saved=unmerged - visits,
        unserved=period.total("merge.unserved"),
    )


def _evaluations(period: Totals) -> EvaluationFigures:
    marks = {int(mark): n for mark, n in period.by("evaluation").items()}
    count = sum(marks.values())
    return EvaluationFigures(
        count=count,
        mean=round(sum(mark * n for mark, n in marks.items()) / count, 2) if count else None,
        disturbed=period.total("evaluation.disturbed"),
        fees_asked=period.total("evaluation.fees_asked"),
        code_not_shown=period.total("evaluation.code_not_shown"),
        certificates_not_shown=period.total("evaluation.certificates_not_shown"),
    )
