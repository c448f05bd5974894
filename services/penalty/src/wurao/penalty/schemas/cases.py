"""Violations, cases and proposals in and out."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field, StrictBool, model_validator

from wurao.common.contracts.shared import Outcome
from wurao.penalty.schemas.parts import Body, Code, Day, Fen, Identifier, Kinds, Long, Out, Remark, Words

Codes = Annotated[list[Code], Field(max_length=20)]
OfficerIds = Annotated[list[Identifier], Field(max_length=20)]


class OpenCase(Body):
    """A case for a violation that a visit found, or for an act that became known otherwise.

    What is left out is taken from the violation. `circumstances` are the codes of the pack's
    `penalty.circumstance_labels`; first_offence and repeated are computed, not believed. `ended_on`: the end of a
    continuous act. `act_id` ties cases under different norms to one act (PL-29). `strict_liability` cites the law
    that punishes without fault (PL-33). `situations` are those of the pack that make legal review compulsory.
    """

    violation_id: Identifier | None = None
    enterprise_id: Identifier | None = None
    agency_id: Identifier | None = None
    violation: Code | None = None
    act_on: Day | None = None
    ended_on: Day | None = None
    found_on: Day | None = None
    circumstances: Codes | None = None
    party: Literal["citizen", "organisation"] | None = None
    officer_ids: OfficerIds | None = None
    act_id: Identifier | None = None
    grave_harm: StrictBool = False
    goods_value_fen: Fen | None = None
    strict_liability: Words | None = None
    situations: Annotated[list[Code], Field(max_length=10)] = Field(default_factory=list)
    description: Remark = ""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        direct = (self.enterprise_id, self.agency_id, self.violation, self.act_on, self.officer_ids)
        if self.violation_id is None and any(value is None for value in direct):
            raise ValueError("给出 violation_id，或者 enterprise_id、agency_id、violation、act_on 和 officer_ids")
        if self.violation_id is not None and any(
            value is not None for value in (self.enterprise_id, self.agency_id, self.violation, self.act_on)
        ):
            raise ValueError("violation_id 已含企业、机关、违法行为和日期，不得另给")
        return self


class ViolationOut(Out):
    """A finding that may become a case."""

    violation_id: str
    entry_id: str
    visit_id: str | None
    enterprise_id: str
    enterprise_name: str
    agency_id: str
    area: str
    item_id: str
    violation: str
    description: str
    circumstances: list[str]
    officers: list[str]
    found_on: date
    record_digest: str
    state: str
    case_id: str | None


class CaseOfficer(Out):
    """An officer who handles a case."""

    officer_id: str
    agency_id: str
    name: str


class CaseRow(Out):
    """A case in a list."""

    case_id: str
    case_no: str
    enterprise_id: str
    enterprise_name: str
    agency_id: str
    area: str
    violation: str
    state: str
    procedure: str | None
    outcome: str | None
    opened_on: date
    decided_on: date | None


class ClockOut(Out):
    """A due day and how it follows; `due` absent while the year's calendar is not loaded."""

    name: str
    label: str
    clause: str
    due: date | None
    explained: list[str]


class NoticeOut(Out):
    """A notice as served."""

    served_on: date
    fine_fen: int
    kinds: list[str]
    facts: str
    reasons: str
    statement_due: date
    hearing_due: date | None
    waived_on: date | None


class StatementOut(Out):
    """A statement and its answer."""

    statement_id: str
    text: str
    requests_hearing: bool
    made_at: AwareDatetime
    answer: str | None
    answered_at: AwareDatetime | None


class ReviewOut(Out):
    """A legal review."""

    reviewer_id: str
    passed: bool
    opinion: str
    reviewed_at: AwareDatetime


class ReasonOut(Out):
    """A ground with its clause."""

    clause: str
    text: str


class RangeOut(Out):
    """A fine's bounds, both included."""

    min_fen: int
    max_fen: int


class ProposalOut(Out):
    """What lists and benchmarks propose. `version`: the law of the act, or of the decision where it is lighter."""

    outcome: Outcome
    force: Literal["must", "may", "none"]
    permitted: list[Outcome]
    range: RangeOut
    tier: str | None
    list_entry: str | None
    kinds: list[str]
    version: Literal["act", "decision"]
    circumstances: list[str]
    education_required: bool
    summary_allowed: bool
    reasons: list[ReasonOut]


class DecisionOut(Out):
    """A decision as taken."""

    procedure: Literal["summary", "ordinary"]
    outcome: Outcome
    fine_fen: int
    kinds: list[str]
    list_entry: str | None
    reason: str
    departure_reason: str | None
    education: str | None
    form_no: str
    decided_on: date
    decided_by: str
    delivered_on: date | None
    pay_by: date | None
    reported_to: str | None
    reported_at: AwareDatetime | None


class CaseOut(CaseRow):
    """A case with all its steps and clocks."""

    party: str
    address: str
    violation_id: str | None
    visit_id: str | None
    act_id: str | None
    act_on: date
    ended_on: date | None
    found_on: date
    circumstances: list[str]
    grave_harm: bool
    goods_value_fen: int | None
    officers: list[CaseOfficer]
    description: str
    record_digest: str | None
    hearing_requested_on: date | None
    hearing_held_on: date | None
    discussed_on: date | None
    fine_fen: int
    pay_by: date | None
    settled: bool
    heavy_grounds: list[str]
    version: int
    notice: NoticeOut | None = None
    statements: list[StatementOut] = Field(default_factory=list)
    reviews: list[ReviewOut] = Field(default_factory=list)
    decided: DecisionOut | None = None
    clocks: list[ClockOut] = Field(default_factory=list)


class ExemptionOut(Out):
    """A line of the ledger of acts that were not punished (DT-07)."""

    case_id: str
    case_no: str
    enterprise_id: str
    enterprise_name: str
    agency_id: str
    violation: str
    outcome: str
    grounds: list[ReasonOut]
    circumstances: list[str]
    education: str | None
    record_digest: str | None
    decided_on: date


class NoticeIn(Body):
    """What the party is told: content, facts, reasons and basis. `new_facts` where a later notice is heavier."""

    fine_fen: Fen
    kinds: Kinds
    facts: Long
    reasons: Long
    new_facts: Long | None = None


class StatementIn(Body):
    """What the party says; with `requests_hearing` it asks for a hearing (PL-63)."""

    text: Long
    requests_hearing: StrictBool = False


class AnswerIn(Body):
    """The agency's answer to every statement that is still open."""

    text: Long


class HearingIn(Body):
    """A hearing that was held on a request."""

    chair_id: Identifier
    notified_on: Day
    held_on: Day
    record: Long


class DiscussionIn(Body):
    """What the leaders concluded together (YZ-11)."""

    participants: Annotated[list[Identifier], Field(min_length=2, max_length=30)]
    conclusion: Long


class ReviewIn(Body):
    """A legal review's result."""

    passed: StrictBool
    opinion: Long


class DecisionIn(Body):
    """A decision. `told`: on the spot, the party was told and heard before. `not_established`: circumstances that
    were found untrue, with `departure_reason`. `handed_over`: given to the party at once."""

    procedure: Literal["summary", "ordinary"]
    outcome: Outcome
    fine_fen: Fen
    kinds: Kinds
    reason: Long
    departure_reason: Long | None = None
    education: Long | None = None
    impact_assessment: Long | None = None
    not_established: Codes = Field(default_factory=list)
    told: StrictBool = False
    handed_over: StrictBool = True


class DeliveryIn(Body):
    """How and when a decision reached the party; electronic delivery needs its signed consent (PL-60)."""

    delivered_on: Day
    method: Literal["in_person", "service", "electronic"]
    consent: StrictBool = False


class DocumentOut(Out):
    """The decision as a Chinese text, whole and by paragraph."""

    title: str
    text: str
    paragraphs: dict[str, str]
