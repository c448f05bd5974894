"""Off-site checks and superiors' visits in and out."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, Field

from wurao.common.contracts.shared import Finding, ItemResult, Way
from wurao.scheduling.schemas.shared import (
    Body,
    Day,
    Digest,
    Ground,
    Identifier,
    Line,
    Out,
    Reason,
    Slug,
    Text,
    Windowed,
)


class ItemResultIn(Body):
    """What an item came to."""

    item_id: Identifier
    result: Literal["conform", "violation", "not_applicable"]


class FindingIn(Body):
    """A violation that the data shows; `violation` and `circumstances` are codes of the penalty lists."""

    item_id: Identifier
    violation: Slug
    description: Reason
    circumstances: Annotated[list[Slug], Field(max_length=20, default_factory=list)]


class ConclusionIn(Body):
    """The results of an off-site check, one for each item of its task, and what each violation is."""

    source: Line
    results: Annotated[list[ItemResultIn], Field(min_length=1, max_length=100)]
    findings: Annotated[list[FindingIn], Field(max_length=100, default_factory=list)]
    remark: Text = ""


class ReminderIn(Body):
    """A risk that the enterprise is told of."""

    source: Line
    risk: Reason


class AttachmentIn(Body):
    """A document that goes with an answer, by its digest."""

    name: Line
    sha256: Digest


class AnswerIn(Body):
    """What the enterprise says to a reminder."""

    answer: Reason
    attachments: Annotated[list[AttachmentIn], Field(max_length=20, default_factory=list)]


class FollowUpIn(Windowed):
    """The on-site task that follows an off-site check."""

    reason: Reason
    item_ids: Annotated[list[Identifier], Field(min_length=1, max_length=100)]
    origin: Literal["plan", "triggered"] = "triggered"
    plan_id: Identifier | None = None
    ground: Ground = "monitoring_data"


class OffSiteOut(Out):
    """An off-site check as it stands; `reckoning` explains the day by which the enterprise may answer."""

    task_id: str
    agency_id: str
    enterprise_id: str
    area: str
    state: Literal["open", "reminded", "answered", "concluded", "followed_up"]
    source: str
    risk: str | None
    reminded_at: AwareDatetime | None
    due_at: AwareDatetime | None
    reckoning: list[str]
    answer: str | None
    attachments: list[AttachmentIn]
    answered_at: AwareDatetime | None
    results: list[ItemResult]
    findings: list[Finding]
    record_digest: str | None
    follow_up_task_id: str | None
    closed_at: AwareDatetime | None
    remark: str
    version: int


class ShareOut(BaseModel):
    """An agency's checks of a quarter; the share of those off site in permille."""

    agency_id: str
    off_site: int
    on_site: int
    permille: int


class QuarterOut(BaseModel):
    """A quarter in figures: of all agencies together, and of each in the order of ids."""

    quarter: int
    off_site: int
    on_site: int
    permille: int
    agencies: list[ShareOut]


class SharesOut(BaseModel):
    """A year by quarters."""

    area: str
    year: int
    quarters: list[QuarterOut]


class SuperiorVisitIn(Body):
    """A superior's visit that the local counterpart files."""

    agency_id: Identifier
    enterprise_id: Identifier
    superior: Line
    day: Day
    subject: Reason


class AcceptanceIn(Windowed):
    """The visit for acceptance that follows a superior's."""

    item_ids: Annotated[list[Identifier], Field(min_length=1, max_length=100)]
    reason: Reason
    origin: Literal["plan", "triggered"] = "triggered"
    plan_id: Identifier | None = None
    ground: Ground = "superior_order"


class SuperiorVisitOut(Out):
    """A superior's visit as filed."""

    superior_visit_id: str
    enterprise_id: str
    area: str
    agency_id: str
    superior: str
    day: date
    subject: str
    filed_at: AwareDatetime
    accepted: int
    clause: str
    version: int


class FiledOut(SuperiorVisitOut):
    """A visit just filed, with what local agencies have at the enterprise anyway, and a day that suits all of it.

    `joint_day` is null where no day does; `joint_day_reason` says why it is that day or none.
    """

    together: list[str]
    ways: list[Way]
    joint_day: date | None
    joint_day_reason: str
