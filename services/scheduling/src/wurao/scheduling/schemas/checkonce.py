"""Merges, officers' days, consents and explanations in and out."""

from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import AwareDatetime, BaseModel, Field, model_validator

from wurao.common.contracts.shared import Refusal, VisitItem
from wurao.scheduling.domain.checkonce import sentences
from wurao.scheduling.schemas.shared import AreaCode, Body, Day, Out
from wurao.scheduling.tables import Merge
from wurao.scheduling.usecases.explanations import Explained

LONGEST_RANGE = 366


class MergeIn(Body):
    """Merge an area's open tasks into visits between two days."""

    area: AreaCode
    from_: Annotated[Day, Field(alias="from")]
    to: Day

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not 0 <= (self.to - self.from_).days <= LONGEST_RANGE:
            raise ValueError(f"from and to span 0 to {LONGEST_RANGE} days")
        return self


class UnservedOut(BaseModel):
    """A task that no visit serves, and why."""

    task_id: str
    code: str
    reason: str


class MovedOut(BaseModel):
    """A proposed visit that a later merge put on another day."""

    visit_id: str
    from_: Annotated[date, Field(alias="from")]
    to: date


class MergeOut(BaseModel):
    """A merge and, once it is done, what came of it against one visit for each task (DT-13, CX-03)."""

    merge_id: str
    area: str
    from_: Annotated[date, Field(alias="from")]
    to: date
    state: Literal["running", "done", "failed"]
    requested_by: str
    started_at: AwareDatetime
    held_at: AwareDatetime | None
    tasks: int | None = None
    visits: int | None = None
    visits_unmerged: int | None = None
    saved: int | None = None
    lower_bound: int | None = None
    gap: float | None = None
    unserved: int | None = None
    moved: int | None = None
    unserved_tasks: list[UnservedOut] = []
    moved_visits: list[MovedOut] = []

    @classmethod
    def of(cls, merge: Merge) -> Self:
        """The answer for a row; figures only of a merge that is done."""
        own = {name: getattr(merge, name) for name in cls.model_fields if name in merge.__mapper__.columns}
        figures: dict[str, Any] = merge.figures if merge.state == "done" else {}
        return cls.model_validate(own | {"from": merge.period_from, "to": merge.period_to} | figures)


class OfficerDayIn(Body):
    """How many officers go on a day; null lets all with a valid certificate count again."""

    date: Day
    officers: Annotated[int, Field(strict=True, ge=0, le=10_000)] | None


class OfficerDaysIn(Body):
    """What an agency says of some days."""

    days: Annotated[list[OfficerDayIn], Field(min_length=1, max_length=366)]


class OfficerDayOut(BaseModel):
    """A working day: the officers that count, and whether the agency said so."""

    date: date
    officers: int
    valid_certificates: int
    said: bool


class OfficerDaysOut(BaseModel):
    """An agency's working days."""

    agency_id: str
    days: list[OfficerDayOut]


class ConsentOut(Out):
    """A department's part in a round of consents; `reckoning` explains the period (YZ-04).

    `change_id`: it is about another day of an approved visit, `day`.
    """

    consent_id: str
    visit_id: str
    change_id: str | None
    agency_id: str
    initiator_id: str
    enterprise_id: str
    area: str
    day: date
    task_ids: list[str]
    state: Literal["open", "consented", "objected", "silent", "void"]
    proposed_at: AwareDatetime
    due_at: AwareDatetime
    reckoning: list[str]
    clause: str
    cite: str
    answered_at: AwareDatetime | None
    answered_by: str | None
    reason: str
    version: int


class JointVisitOut(BaseModel):
    """A joint visit of the plan as sent to the agency that the pack names (YZ-04)."""

    visit_id: str
    merge_id: str
    enterprise_id: str
    enterprise_name: str
    area: str
    day: date
    lead_agency_id: str
    agencies: list[str]
    items: list[VisitItem]
    kind: str
    state: str


class LimitOut(Out):
    """A limit of the pack and how much of it the visit uses."""

    name: str
    used: int
    limit: int
    kept: bool
    clause: str
    cite: str
    sentence: str


class AskedOnceOut(Out):
    """A question that is asked once for several items."""

    question_id: str
    text: str
    item_ids: list[str]
    sentence: str


class ApartOut(BaseModel):
    """A task at the same enterprise that is not in the visit, with every conflict."""

    task_id: str
    agency_id: str
    conflicts: list[Refusal]


class HeadcountOut(BaseModel):
    """How many officers an agency sends; none when its items are delegated."""

    agency_id: str
    name: str
    officers: int


class ExplanationOut(BaseModel):
    """Why a visit is as it is. `sentences` is the whole of it in Chinese, in reading order."""

    visit_id: str
    task_ids: list[str]
    lead_agency_id: str
    headcount: list[HeadcountOut]
    delegated: list[VisitItem]
    asked_once: list[AskedOnceOut]
    limits: list[LimitOut]
    apart: list[ApartOut]
    consents: list[ConsentOut]
    sentences: list[str]

    @classmethod
    def of(cls, found: Explained) -> Self:
        """The answer for an explained visit."""
        visit = found.visit
        return cls(
            visit_id=visit.visit_id,
            task_ids=[share.task_id for share in found.shares],
            lead_agency_id=visit.lead_agency_id,
            headcount=[
                HeadcountOut(agency_id=a, name=found.names.get(a, a), officers=found.present.get(a, 0))
                for a in found.agencies
            ],
            delegated=[item for item in found.items if item.delegated],
            asked_once=[AskedOnceOut.model_validate(one) for one in found.asked_once],
            limits=[LimitOut.model_validate(one) for one in found.limits],
            apart=[
                ApartOut(task_id=share.task_id, agency_id=share.agency_id, conflicts=why) for share, why in found.apart
            ],
            consents=[ConsentOut.model_validate(one) for one in found.consents],
            sentences=_told(found),
        )


def _told(found: Explained) -> list[str]:
    visit, names = found.visit, found.names
    return [
        *sentences.together(found.shares, visit.day),
        sentences.lead(visit.lead_agency_id, names, found.items, found.present),
        *sentences.headcount(names, found.present, found.agencies),
        *sentences.delegated(found.items, names, visit.lead_agency_id),
        *(one.sentence for one in found.asked_once),
        *(one.sentence for one in found.limits),
        *(f"{s.agency_name}的任务{s.task_id}未并入：{'；'.join(w.message for w in why)}" for s, why in found.apart),
        *(sentences.answer(names.get(one.agency_id, one.agency_id), one.state, one.reason) for one in found.consents),
    ]
