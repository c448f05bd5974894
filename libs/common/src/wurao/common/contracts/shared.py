"""Parts that several events carry."""

from datetime import date
from typing import Any, Literal

from pydantic import AwareDatetime

from wurao.common.contracts.base import Fact

AgencyKind = Literal["organ", "authorised", "entrusted"]
Level = Literal["province", "prefecture", "county", "township"]
Method = Literal["on_site", "off_site", "either"]
ConflictKind = Literal["own_enterprise", "shareholding", "relative", "former_employer", "other_interest"]
EvidenceKind = Literal["photo", "video", "document", "sample", "measurement"]
VisitKind = Literal["random", "planned", "triggered", "emergency"]
Outcome = Literal[
    "no_fault",
    "no_violation",
    "exempt",
    "waived",
    "mitigated",
    "lighter",
    "ordinary",
    "heavier",
    "transferred",
]


class Way(Fact):
    """A lawful alternative as data: what to do, and with which visit, on which day, by whom or on what ground.

    `join_visit` (visit_id, day), `wait` (day: lawful from then on), `reschedule` (day to until), `approval` (by: a role
    or an area's authority), `ground` (ground), `off_site`, `hand_over` (agency_id), `use_result` (record).
    """

    kind: Literal["join_visit", "wait", "reschedule", "approval", "ground", "off_site", "hand_over", "use_result"]
    visit_id: str | None = None
    day: date | None = None
    until: date | None = None
    by: str | None = None
    ground: str | None = None
    agency_id: str | None = None
    record: str | None = None


class Refusal(Fact):
    """Why a gate refused: stable code, clause, citation, a Chinese sentence, and what would be lawful.

    `alternatives` are for people; `ways` are those of them that a machine can take.
    """

    code: str
    clause: str
    cite: str
    message: str
    alternatives: tuple[str, ...] = ()
    ways: tuple[Way, ...] = ()


class OfficerRef(Fact):
    """An officer in an event."""

    officer_id: str
    agency_id: str
    name: str = ""


class VisitItem(Fact):
    """One item of a visit, with the agency that answers for it and the task that it serves."""

    item_id: str
    agency_id: str
    name: str
    task_id: str | None = None
    delegated: bool = False


class Window(Fact):
    """When a visit may begin and must be over."""

    opens: AwareDatetime
    closes: AwareDatetime


class Question(Fact):
    """A form's question; `shared_key` marks one that several forms ask alike, `evidence` what is wanted as proof."""

    question_id: str
    text: str
    kind: Literal["yes_no", "number", "text"]
    mandatory: bool
    standard: str = ""
    law: str = ""
    article: str = ""
    evidence: tuple[EvidenceKind, ...] = ()
    shared_key: str | None = None
    item_ids: tuple[str, ...] = ()


class Premises(Fact):
    """A place of business."""

    premises_id: str
    name: str
    address: str
    area: str


class Finding(Fact):
    """A violation that officers saw on a visit."""

    finding_id: str
    item_id: str
    agency_id: str
    violation: str
    description: str
    circumstances: tuple[str, ...] = ()


class ItemResult(Fact):
    """What one item of a visit came to."""

    item_id: str
    agency_id: str
    result: Literal["conform", "violation", "not_applicable"]


JsonObject = dict[str, Any]
