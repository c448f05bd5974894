"""What is counted, from events alone: which figure, in which area, on which legal day (QZ-19, DT-06).

Decisions are counted by outcome and fines by number. No amount is counted, so nothing can be ranked by it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from wurao.common.clock import legal_date
from wurao.common.contracts import Event
from wurao.common.contracts.checkin import (
    EntryDeclined,
    EntryRefused,
    InspectionFinished,
    InspectionStarted,
    LateFilingRecorded,
    UnfiledEntryReported,
    VisitEvaluated,
)
from wurao.common.contracts.penalty import (
    CaseOpened,
    CoercionImposed,
    CoercionLifted,
    FinePaid,
    HeavyCaseFiled,
    ListDeparted,
    PenaltyDecided,
)
from wurao.common.contracts.plans import PlanFiled
from wurao.common.contracts.scheduling import DrawHeld, EmergencyFiled, InspectionRefused, TasksMerged, VisitApproved
from wurao.common.contracts.shared import Refusal

ON_TIME, LATE = "on_time", "late"
DOOR = "door"


@dataclass(frozen=True, slots=True)
class Count:
    """An increment of one counter."""

    area: str
    day: date
    figure: str
    dimension: str = ""
    n: int = 1


def timeliness(late: bool) -> str:
    """The dimension of a figure about deadlines."""
    return LATE if late else ON_TIME


def is_certificate_reason(refusal: Refusal) -> bool:
    """Whether officers were kept out for want of a valid certificate (YZ-09)."""
    return "certif" in refusal.code or "exited" in refusal.code


class _Place:
    """Counts of one event: same area, same legal day."""

    def __init__(self, area: str, at: datetime | date) -> None:
        self._area = area
        self._day = legal_date(at) if isinstance(at, datetime) else at

    def __call__(self, figure: str, dimension: str = "", n: int = 1) -> Count:
        return Count(self._area, self._day, figure, dimension, n)


def _refused(place: _Place, stage: str, refusals: Sequence[Refusal]) -> list[Count]:
    clauses = dict.fromkeys(refusal.clause for refusal in refusals)
    codes = dict.fromkeys(refusal.code for refusal in refusals)
    return [
        place("refused", stage),
        *(place("refused.clause", clause) for clause in clauses),
        *(place("refused.code", code) for code in codes),
    ]


def _gate(event: InspectionRefused) -> list[Count]:
    return _refused(_Place(event.area, event.refused_at), event.stage, event.refusals)


def _door(event: EntryRefused) -> list[Count]:
    place = _Place(event.area, event.refused_at)
    for_certificate = any(is_certificate_reason(refusal) for refusal in event.refusals)
    return [*_refused(place, DOOR, event.refusals), *([place("door.certificate")] if for_certificate else [])]


def _approved(event: VisitApproved) -> list[Count]:
    return [_Place(event.area, event.approved_at)("visit.approved", event.kind)]


def _started(event: InspectionStarted) -> list[Count]:
    return [_Place(event.area, event.started_at)("started", event.mode)]


def _finished(event: InspectionFinished) -> list[Count]:
    place = _Place(event.area, event.finished_at)
    return [place("finished", event.mode), place("minutes", n=event.minutes)]


def _declined(event: EntryDeclined) -> list[Count]:
    return [_Place(event.area, event.declined_at)("declined", event.reason)]


def _unfiled(event: UnfiledEntryReported) -> list[Count]:
    return [_Place(event.area, event.reported_at)("unfiled", event.reported_by)]


def _late_filing(event: LateFilingRecorded) -> list[Count]:
    return [_Place(event.area, event.filed_at)("late_filing")]


def _filing(event: EmergencyFiled) -> list[Count]:
    return [_Place(event.area, event.filed_at)("filing", timeliness(event.late))]


def _plan(event: PlanFiled) -> list[Count]:
    return [_Place(event.area, event.filed_at)("plan.filed", timeliness(event.late))]


def _merged(event: TasksMerged) -> list[Count]:
    place = _Place(event.area, event.held_at)
    return [
        place("merge"),
        place("merge.tasks", n=event.tasks),
        place("merge.visits", n=event.visits),
        place("merge.unmerged", n=event.visits_unmerged),
        place("merge.unserved", n=event.unserved),
    ]


def _drawn(event: DrawHeld) -> list[Count]:
    return [_Place(event.area, event.held_at)("draw")]


def _evaluated(event: VisitEvaluated) -> list[Count]:
    place = _Place(event.area, event.evaluated_at)
    answers = {
        "evaluation.disturbed": event.disturbed,
        "evaluation.fees_asked": event.fees_asked,
        "evaluation.code_not_shown": not event.code_shown,
        "evaluation.certificates_not_shown": not event.certificates_shown,
    }
    return [place("evaluation", str(event.satisfaction)), *(place(name) for name, holds in answers.items() if holds)]


def _case_opened(event: CaseOpened) -> list[Count]:
    return [_Place(event.area, event.opened_on)("case.opened")]


def _decided(event: PenaltyDecided) -> list[Count]:
    return [_Place(event.area, event.decided_on)("case.decided", event.outcome)]


def _departed(event: ListDeparted) -> list[Count]:
    return [_Place(event.area, event.departed_at)("case.list_departed")]


def _heavy(event: HeavyCaseFiled) -> list[Count]:
    return [_Place(event.area, event.filed_at)("case.heavy")]


def _paid(event: FinePaid) -> list[Count]:
    return [_Place(event.area, event.paid_on)("fine.paid")] if event.settled else []


def _coerced(event: CoercionImposed) -> list[Count]:
    return [_Place(event.area, event.imposed_at)("coercion.imposed")]


def _lifted(event: CoercionLifted) -> list[Count]:
    return [_Place(event.area, event.lifted_at)("coercion.lifted")]


COUNTED: dict[type[Event], Callable[[Any], list[Count]]] = {
    InspectionRefused: _gate,
    EntryRefused: _door,
    VisitApproved: _approved,
    InspectionStarted: _started,
    InspectionFinished: _finished,
    EntryDeclined: _declined,
    UnfiledEntryReported: _unfiled,
    LateFilingRecorded: _late_filing,
    EmergencyFiled: _filing,
    PlanFiled: _plan,
    TasksMerged: _merged,
    DrawHeld: _drawn,
    VisitEvaluated: _evaluated,
    CaseOpened: _case_opened,
    PenaltyDecided: _decided,
    ListDeparted: _departed,
    HeavyCaseFiled: _heavy,
    FinePaid: _paid,
    CoercionImposed: _coerced,
    CoercionLifted: _lifted,
}


def counts(event: Event) -> list[Count]:
    """The increments that an event makes."""
    return COUNTED[type(event)](event)


Key = tuple[str, date, str, str]


def add_up(increments: Iterable[Count]) -> dict[Key, int]:
    """Increments of one transaction, one entry a counter, in the one order in which all writers take them."""
    sums: dict[Key, int] = {}
    for count in increments:
        key = (count.area, count.day, count.figure, count.dimension)
        sums[key] = sums.get(key, 0) + count.n
    return dict(sorted(sums.items()))
