"""Events of check-in: did it happen as approved?"""

from typing import Literal

from pydantic import AwareDatetime

from wurao.common.contracts.base import Event, Version
from wurao.common.contracts.shared import Finding, ItemResult, OfficerRef, Refusal


class InspectionStarted(Event, producer="checkin", key="entry_id"):
    """Officers entered: by a scan, or on an exception ground (YZ-01)."""

    entry_id: str
    visit_id: str | None = None
    enterprise_id: str
    area: str
    agencies: tuple[str, ...]
    officers: tuple[OfficerRef, ...]
    item_ids: tuple[str, ...] = ()
    mode: Literal["scan", "exception"]
    ground: str | None = None
    filing_id: str | None = None
    started_at: AwareDatetime
    version: int = Version


class InspectionFinished(Event, producer="checkin", key="entry_id"):
    """A visit ended with a signed record and a ledger entry (DT-09, QZ-11)."""

    entry_id: str
    visit_id: str | None = None
    enterprise_id: str
    enterprise_name: str
    area: str
    agencies: tuple[str, ...]
    officers: tuple[OfficerRef, ...]
    mode: Literal["scan", "exception"] = "scan"
    ground: str | None = None
    results: tuple[ItemResult, ...]
    findings: tuple[Finding, ...]
    record_digest: str
    ledger_seq: int
    started_at: AwareDatetime
    finished_at: AwareDatetime
    minutes: int
    version: int = Version


class EntryRefused(Event, producer="checkin", key="attempt_id"):
    """The door gate refused an entry: officers did not get in."""

    attempt_id: str
    visit_id: str | None = None
    enterprise_id: str | None = None
    area: str = ""
    officers: tuple[str, ...]
    agencies: tuple[str, ...] = ()
    refusals: tuple[Refusal, ...]
    refused_at: AwareDatetime
    version: int = Version


class EntryDeclined(Event, producer="checkin", key="decline_id"):
    """The enterprise lawfully refused an inspection; it counts as no fault of its own (YZ-09, LX-03)."""

    decline_id: str
    visit_id: str | None = None
    enterprise_id: str
    area: str
    reason: str
    clause: str
    declined_at: AwareDatetime
    version: int = Version


class UnfiledEntryReported(Event, producer="checkin", key="report_id"):
    """Someone entered without an approved visit or filing (CX-07, QZ-13)."""

    report_id: str
    entry_id: str | None = None
    enterprise_id: str
    enterprise_name: str = ""
    area: str
    agency_id: str | None = None
    officers: tuple[OfficerRef, ...] = ()
    reported_by: Literal["enterprise", "clock", "door"]
    description: str
    happened_at: AwareDatetime
    reported_at: AwareDatetime
    version: int = Version


class LateFilingRecorded(Event, producer="checkin", key="entry_id"):
    """An exception entry was filed after its deadline: a recorded violation (QZ-10)."""

    entry_id: str
    enterprise_id: str
    area: str
    agency_id: str
    officers: tuple[OfficerRef, ...]
    due: AwareDatetime
    filed_at: AwareDatetime
    clause: str
    version: int = Version


class VisitEvaluated(Event, producer="checkin", key="evaluation_id"):
    """The enterprise rated a visit; who rated is not in the event (QZ-12)."""

    evaluation_id: str
    visit_id: str
    area: str
    agencies: tuple[str, ...]
    satisfaction: int
    code_shown: bool
    certificates_shown: bool
    disturbed: bool
    fees_asked: bool
    evaluated_at: AwareDatetime
    version: int = Version
