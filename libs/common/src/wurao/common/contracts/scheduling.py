"""Events of scheduling: when, together with whom, on what ground. Those of plans and filings are in `plans`."""

from datetime import date
from typing import Literal

from pydantic import AwareDatetime

from wurao.common.contracts.base import Event, Version
from wurao.common.contracts.shared import (
    Finding,
    ItemResult,
    JsonObject,
    OfficerRef,
    Question,
    Refusal,
    VisitItem,
    VisitKind,
    Window,
)


class DrawHeld(Event, producer="scheduling", key="draw_id"):
    """A double-random draw was held; every draw, void ones too, is published with its proof."""

    draw_id: str
    plan_id: str
    area: str
    pool_digest: str
    seed: str
    pool_size: int
    drawn: int
    held_at: AwareDatetime
    version: int = Version


class TasksMerged(Event, producer="scheduling", key="merge_id"):
    """Tasks became visits; the saving is reported against one visit for each task (DT-13, CX-03).

    The figures are what this merge added to earlier ones: a merge that puts a new task into a visit that stands
    serves one task with no further visit, and `visits` is negative when visits that stood were put together.
    """

    merge_id: str
    area: str
    tasks: int
    visits: int
    visits_unmerged: int
    unserved: int
    moved: int = 0
    held_at: AwareDatetime
    version: int = Version


class VisitApproved(Event, producer="scheduling", key="visit_id"):
    """A visit was approved and its action code issued (QZ-09).

    `makeup_for`: the entry that approval and code follow, with its filing, when they were due and whether they came
    too late (QZ-10).
    """

    visit_id: str
    enterprise_id: str
    enterprise_name: str
    premises_id: str | None = None
    area: str
    lead_agency_id: str
    agencies: tuple[str, ...]
    officers: tuple[OfficerRef, ...]
    items: tuple[VisitItem, ...]
    questions: tuple[Question, ...] = ()
    kind: VisitKind
    ground: str | None = None
    source_record: str | None = None
    window: Window
    code_id: str
    code: str
    task_count: int = 1
    makeup_for: str | None = None
    filing_id: str | None = None
    makeup_due: AwareDatetime | None = None
    makeup_late: bool = False
    approved_by: str
    approved_at: AwareDatetime
    version: int = Version


class VisitRescheduled(Event, producer="scheduling", key="visit_id"):
    """A visit's window or officers changed: the old code is revoked, a new one issued."""

    visit_id: str
    window: Window
    officers: tuple[OfficerRef, ...]
    code_id: str
    code: str
    revoked_code_id: str
    reason: str
    version: int = Version


class VisitCancelled(Event, producer="scheduling", key="visit_id"):
    """A visit was cancelled and its code revoked."""

    visit_id: str
    enterprise_id: str
    agencies: tuple[str, ...]
    reason: str
    version: int = Version


class OffSiteReminded(Event, producer="scheduling", key="task_id"):
    """A risk found off site: the enterprise is reminded and may answer until `due` before anybody comes (CX-11)."""

    task_id: str
    agency_id: str
    enterprise_id: str
    area: str
    source: str
    risk: str
    reminded_at: AwareDatetime
    due: AwareDatetime
    clause: str
    version: int = Version


class OffSiteConcluded(Event, producer="scheduling", key="task_id"):
    """An off-site check ended: with results that others recognise, or with an on-site task that follows (LX-09).

    Findings say what each violation is; `record_digest` is SHA-256 over what was concluded.
    """

    task_id: str
    agency_id: str
    enterprise_id: str
    enterprise_name: str = ""
    area: str
    source: str
    results: tuple[ItemResult, ...]
    findings: tuple[Finding, ...] = ()
    record_digest: str = ""
    reminded: bool
    follow_up_task_id: str | None = None
    concluded_at: AwareDatetime
    version: int = Version


class TriggeredBeyondReason(Event, producer="scheduling", key="task_id"):
    """A triggered inspection beyond the reasonable number of the year (QZ-17).

    A head let the task pass, or it was an entry on an exception, which nobody was asked about: then `entry_id` names
    it, and `task_id` does so too.
    """

    task_id: str
    entry_id: str | None = None
    agency_id: str
    enterprise_id: str
    area: str
    year: int
    taken: int
    reasonable: int
    clause: str
    version: int = Version


class OutOfAreaNotified(Event, producer="scheduling", key="task_id"):
    """The local department is told of an inspection from outside, with the superior's approval (QZ-18)."""

    task_id: str
    agency_id: str
    enterprise_id: str
    area: str
    notified_agency_id: str
    superior_approval: str
    clause: str
    version: int = Version


class InspectionOverdue(Event, producer="scheduling", key="enterprise_id"):
    """An enterprise of a special field was not inspected within its period: due but not inspected (BE-54).

    `since` is the day since when it is watched: one that left the field and came back is told of anew.
    """

    enterprise_id: str
    enterprise_name: str
    area: str
    field: str
    last_inspected: date | None = None
    due: date
    since: date | None = None
    clause: str
    version: int = Version


class InspectionCaughtUp(Event, producer="scheduling", key="enterprise_id"):
    """An overdue enterprise was inspected after all, or left the special fields (BE-54)."""

    enterprise_id: str
    area: str
    due: date
    since: date | None = None
    reason: str
    version: int = Version


class SuperiorVisitFiled(Event, producer="scheduling", key="superior_visit_id"):
    """A superior's visit, filed by its local counterpart and made known to the local government (CX-15)."""

    superior_visit_id: str
    enterprise_id: str
    area: str
    filed_by: str
    superior: str
    day: date
    subject: str
    told_government: bool
    clause: str
    version: int = Version


class InspectionRefused(Event, producer="scheduling", key="refusal_id"):
    """The gate refused an inspection: what was prevented is evidence."""

    refusal_id: str
    stage: Literal["plan", "task", "visit", "code", "filing"]
    agency_id: str
    enterprise_id: str | None = None
    item_ids: tuple[str, ...] = ()
    area: str
    requested_by: str
    refused_at: AwareDatetime
    refusals: tuple[Refusal, ...]
    version: int = Version


class EmergencyFiled(Event, producer="scheduling", key="filing_id"):
    """An inspection that could not wait was filed at once or made up afterwards (CX-06, QZ-10)."""

    filing_id: str
    entry_id: str | None = None
    enterprise_id: str
    agency_id: str
    area: str
    ground: str
    source_record: str
    officers: tuple[OfficerRef, ...]
    item_ids: tuple[str, ...]
    began_at: AwareDatetime
    ended_at: AwareDatetime | None = None
    filed_at: AwareDatetime
    after_the_fact: bool
    due: AwareDatetime | None = None
    late: bool
    clause: str
    version: int = Version


class ActionKeyPublished(Event, producer="scheduling", key="kid"):
    """A key that verifies action codes was published; doors verify offline with it (QZ-09)."""

    kid: str
    jwk: JsonObject
    published_at: AwareDatetime
    version: int = Version


class JointVisitProposed(Event, producer="scheduling", key="visit_id"):
    """The initiating department proposed a joint visit; participants answer by the end of the period (YZ-04)."""

    visit_id: str
    merge_id: str
    enterprise_id: str
    area: str
    day: date
    initiator_agency_id: str
    participants: tuple[str, ...]
    proposed_at: AwareDatetime
    due: AwareDatetime
    clause: str
    version: int = Version


class VisitMoveProposed(Event, producer="scheduling", key="visit_id"):
    """Another day was asked for an approved joint visit: the other departments consent by `due`, or are told (YZ-04).

    `due` is None where the pack has no round of consents.
    """

    visit_id: str
    change_id: str
    enterprise_id: str
    area: str
    day: date
    wanted_day: date
    reason: str
    initiator_agency_id: str
    participants: tuple[str, ...]
    proposed_at: AwareDatetime
    due: AwareDatetime | None = None
    clause: str
    version: int = Version


class ConsentAnswered(Event, producer="scheduling", key="visit_id"):
    """A department consented to a joint visit, objected with a reason, or let the period run out (YZ-04).

    `change_id`: it was asked about another day of an approved visit.
    """

    visit_id: str
    consent_id: str
    change_id: str | None = None
    enterprise_id: str
    area: str
    agency_id: str
    initiator_agency_id: str
    answer: Literal["consented", "objected", "silent"]
    reason: str = ""
    answered_at: AwareDatetime
    clause: str
    version: int = Version


class JointVisitReported(Event, producer="scheduling", key="visit_id"):
    """A joint visit of the plan was sent to the agency that the pack names, such as the market regulator (YZ-04)."""

    visit_id: str
    merge_id: str
    recipient_agency_id: str
    enterprise_id: str
    enterprise_name: str
    area: str
    day: date
    lead_agency_id: str
    agencies: tuple[str, ...]
    items: tuple[VisitItem, ...]
    kind: VisitKind
    reported_at: AwareDatetime
    clause: str
    version: int = Version
