"""Plans, their approvals, versions, filings and evaluation in and out."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from wurao.common.contracts.shared import JsonObject
from wurao.scheduling.schemas.shared import Body, Day, Identifier, Line, Out, Reason, Text

ItemIds = Annotated[list[Identifier], Field(min_length=1, max_length=500)]
PlanKind = Literal["annual", "quarterly", "joint", "campaign"]
PlanState = Literal["draft", "approved", "published", "superseded"]


class ParticipantIn(Body):
    """An agency's part in a joint plan; the plan's own period unless another is named (LX-13)."""

    agency_id: Identifier
    item_ids: list[Identifier] = Field(default_factory=list, max_length=500)
    period_from: Day | None = None
    period_to: Day | None = None


class PlanIn(Body):
    """A plan to enter. The last six are what the pack may demand (LX-02, CX-05).

    Without `participants` those of a joint plan follow from its items.
    """

    agency_id: Identifier
    title: Line
    kind: PlanKind
    period_from: Day
    period_to: Day
    item_ids: ItemIds
    participants: list[ParticipantIn] = Field(default_factory=list, max_length=200)
    basis: Text | None = None
    content: Text | None = None
    targets: Text | None = None
    frequency: Text | None = None
    method: Text | None = None
    time: Text | None = None

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        if self.period_to < self.period_from:
            raise ValueError("结束日期早于开始日期")
        if self.participants and self.kind != "joint":
            raise ValueError("只有联合检查计划有参加机关")
        agencies = [one.agency_id for one in self.participants]
        if len(set(agencies)) < len(agencies):
            raise ValueError("同一机关只列一次")
        return self

    def contents(self) -> dict[str, str | None]:
        """What the plan says."""
        return self.model_dump(include={"basis", "content", "targets", "frequency", "method", "time"})


class VersionIn(PlanIn):
    """The next version of a published plan, and why it changes (QZ-05)."""

    reason: Reason


class Approval(Body):
    """The conference names its resolution; the government or the superior its document."""

    resolution: Line | None = None
    document: Line | None = None
    remark: Text = ""


class StepIn(Body):
    """A step of approval before the last: `document` where several decided, with those who were there (QZ-08)."""

    step: Literal["unit_leader", "legal_review", "collective_discussion"]
    document: Line | None = None
    attendees: list[Line] = Field(default_factory=list, max_length=100)
    remark: Text = ""


class FileIn(Body):
    """What the agency adds to its filing."""

    note: Text = ""


class FilingDecision(Body):
    """What an office decides on a filing; a return needs its reason."""

    decision: Literal["checked", "noted", "returned"]
    remark: Text = ""

    @model_validator(mode="after")
    def _reasoned(self) -> Self:
        if self.decision == "returned" and not self.remark:
            raise ValueError("退回须说明理由")
        return self


class PlanOut(Out):
    """One version of a plan. `filing_due` and `late` are known once it is filed."""

    plan_id: str
    agency_id: str
    area: str
    title: str
    kind: PlanKind
    period_from: date
    period_to: date
    item_ids: list[str]
    contents: dict[str, str | None]
    state: PlanState
    created_by: str
    steps: list[str]
    approved_by: str | None
    approved_at: AwareDatetime | None
    resolution: str | None
    office: str | None
    filed_at: AwareDatetime | None
    filing_due: date | None
    filing_state: Literal["filed", "checked", "noted", "returned"] | None
    late: bool
    platform: str | None
    published_at: AwareDatetime | None
    series_id: str
    edition: int
    supersedes: str | None
    change_reason: str | None
    superseded_at: AwareDatetime | None
    version: int


class ParticipantOut(Out):
    """An agency's part in a joint plan, with its level and area as known here (LX-13)."""

    agency_id: str
    name: str
    level: str
    area: str
    line: str
    item_ids: list[str]
    period_from: date
    period_to: date


class StepOut(Out):
    """What somebody decided on a plan, and when (LX-01, QZ-08)."""

    number: int
    round: int
    step: str
    name: str
    decision: Literal["passed", "returned"]
    person: str
    agency_id: str | None
    document: str | None
    attendees: list[str]
    remark: str
    at: AwareDatetime


class PlanFilingOut(Out):
    """A filing of a plan, with the completion that went with it (DT-11, CX-05)."""

    filing_id: str
    plan_id: str
    attempt: int
    office: str
    through: str | None
    state: Literal["filed", "checked", "noted", "returned"]
    due: date | None
    late: bool
    filed_by: str
    filed_at: AwareDatetime
    completion: JsonObject | None
    note: str
    checked_by: str | None
    checked_at: AwareDatetime | None
    decided_by: str | None
    decided_at: AwareDatetime | None
    remark: str


class PlanFullOut(PlanOut):
    """A plan with its approvals, participants and filings; `awaiting` is the step that a draft waits for."""

    awaiting: str | None
    awaiting_name: str | None
    approvals: list[StepOut]
    participants: list[ParticipantOut]
    filings: list[PlanFilingOut]


class FilingTermOut(Out):
    """Where, through whom, from when and until when a plan is filed, and the platform it is carried out on."""

    office: str
    through_random: str | None
    through_non_random: str | None
    opens: date | None
    due: date | None
    clause: str
    completion_reported: bool
    mandatory_fields: list[str]
    steps: list[str]
    platform: str | None
    mailbox: str | None


class PlanPublicOut(Out):
    """A published plan as anyone may read it, also the versions before."""

    plan_id: str
    agency_id: str
    area: str
    title: str
    kind: str
    period_from: date
    period_to: date
    item_ids: list[str]
    contents: dict[str, str | None]
    state: PlanState
    office: str | None
    filed_at: AwareDatetime | None
    late: bool
    platform: str | None
    published_at: AwareDatetime | None
    edition: int
    supersedes: str | None
    change_reason: str | None
    superseded_at: AwareDatetime | None


class PlanPublicFullOut(PlanPublicOut):
    """A published plan with those who take part in it."""

    participants: list[ParticipantOut]


class EvaluationOut(Out):
    """How plans were carried out in a period; shares in permille, `visits_saved` against one visit for each task."""

    period: str
    title: str
    first: date
    last: date
    planned: int
    done: int
    on_time: int
    lapsed: int
    cancelled: int
    done_permille: int
    visits: int
    joint_visits: int
    joint_permille: int
    visits_saved: int


class EvaluationsOut(Out):
    """A year in the periods that the pack evaluates by (CX-02, LX-17)."""

    area: str
    year: int
    agency_id: str | None
    every_months: int
    periods: list[EvaluationOut]
