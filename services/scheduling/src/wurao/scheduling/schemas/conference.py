"""The joint conference in and out (CX-01)."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from wurao.scheduling.schemas.shared import AreaCode, Body, Day, Identifier, Line, Out, Reason, Text

Topics = Annotated[list[Line], Field(default_factory=list, max_length=50)]


class MeetingIn(Body):
    """A meeting to convene; an extra one names its reason."""

    area: AreaCode
    kind: Literal["regular", "extra"] = "regular"
    day: Day
    reason: Reason | None = None
    topics: Topics


class AgendaIn(Body):
    """Further topics of the agenda; the rest follows from what waits."""

    topics: Topics


class HoldIn(Body):
    """That the meeting took place: who presided, which agencies were there."""

    held_on: Day
    presided_by: Line
    attendees: Annotated[list[Identifier], Field(min_length=1, max_length=500)]


class ResolutionIn(Body):
    """A resolution to adopt. On plans it approves or returns those that it names."""

    number: Line
    subject: Literal["plans", "non_random_items", "other"]
    decision: Literal["approved", "returned", "deferred"] = "approved"
    text: Annotated[Text, Field(min_length=2)]
    plan_ids: list[Identifier] = Field(default_factory=list, max_length=200)
    item_ids: list[Identifier] = Field(default_factory=list, max_length=2_000)

    @model_validator(mode="after")
    def _fitting(self) -> Self:
        if self.plan_ids and self.subject != "plans":
            raise ValueError("只有审定计划的决议列明计划")
        if self.item_ids and self.subject != "non_random_items":
            raise ValueError("只有审定非随机事项清单的决议列明事项")
        if len(set(self.plan_ids)) < len(self.plan_ids):
            raise ValueError("同一计划只列一次")
        return self


class CloseIn(Body):
    """What the minutes say beside the resolutions."""

    summary: Text = ""


class AgendaEntry(Out):
    """A point of the agenda."""

    kind: Literal["plan", "non_random_items", "report", "topic"]
    title: str
    plan_id: str | None


class Agenda(Out):
    """The pack's headings, and what waits under them."""

    headings: list[str]
    entries: list[AgendaEntry]


class MeetingOut(Out):
    """A meeting as it stands."""

    meeting_id: str
    area: str
    kind: Literal["regular", "extra"]
    period: str
    title: str
    day: date
    reason: str | None
    topics: list[str]
    agenda: Agenda
    state: Literal["convened", "held", "closed"]
    convened_by: str
    convened_at: AwareDatetime
    presided_by: str | None
    attendees: list[str]
    summary: str
    closed_at: AwareDatetime | None
    version: int


class ResolutionOut(Out):
    """A resolution."""

    resolution_id: str
    meeting_id: str
    area: str
    number: str
    subject: Literal["plans", "non_random_items", "other"]
    decision: Literal["approved", "returned", "deferred"]
    text: str
    plan_ids: list[str]
    item_ids: list[str]
    adopted_at: AwareDatetime


class ReportOut(Out):
    """A period's figures as they were reported to the meeting."""

    title: str
    planned: int
    done: int
    on_time: int
    lapsed: int
    joint_permille: int
    visits_saved: int


class MinutesOut(Out):
    """The minutes of a meeting: what was on the agenda, who was there, what was resolved, whom it is handed up to."""

    meeting: MeetingOut
    attendee_names: list[str]
    absent_names: list[str]
    report: ReportOut
    resolutions: list[ResolutionOut]
    reports_to: list[str]


class MemberOut(Out):
    """An agency that sits in the conference; the host keeps its office."""

    agency_id: str
    name: str
    line: str
    host: bool


class ConferenceOut(Out):
    """An area's conference as its pack has it."""

    area: str
    required: bool
    every_months: int
    extra_meetings: bool
    conveners: list[str]
    reports_to: list[str]
    members: list[MemberOut]


class NonRandomItem(Out):
    """An item outside the random list."""

    item_id: str
    agency_id: str
    name: str


class NonRandomOut(Out):
    """The year's list of non-random items: as resolved, or what is published while nothing was."""

    area: str
    year: int
    resolution: str | None
    items: list[NonRandomItem]
