"""Events of the registry: who may inspect whom, for what, and how closely."""

from datetime import date
from typing import Literal

from pydantic import AwareDatetime

from wurao.common.contracts.base import Event, Version
from wurao.common.contracts.shared import AgencyKind, ConflictKind, JsonObject, Level, Method, Premises, Question


class AgencyPublished(Event, producer="registry", key="agency_id"):
    """An agency was confirmed and published, or its published particulars changed (DT-01)."""

    agency_id: str
    name: str
    kind: AgencyKind
    level: Level
    area: str
    line: str
    parent_id: str | None = None
    authority: str
    published_on: date
    version: int = Version


class AgencyWithdrawn(Event, producer="registry", key="agency_id"):
    """An agency lost its standing and may not enforce any more (DT-01)."""

    agency_id: str
    reason: str
    withdrawn_on: date
    version: int = Version


class OfficerCertified(Event, producer="registry", key="officer_id"):
    """An officer holds a certificate, or its particulars changed (YZ-09, DT-02)."""

    officer_id: str
    name: str
    agency_id: str
    area: str
    unit: str = ""
    certificate_no: str
    valid_from: date
    valid_to: date
    legal_reviewer: bool = False
    legal_qualified: bool = False
    leader: bool = False
    management_authority: Level = "county"
    version: int = Version


class OfficerSuspended(Event, producer="registry", key="officer_id"):
    """An officer's certificate is suspended until a day, or until further notice (DT-18)."""

    officer_id: str
    agency_id: str
    reason: str
    until: date | None = None
    decision_id: str | None = None
    version: int = Version


class OfficerReinstated(Event, producer="registry", key="officer_id"):
    """An officer's suspension ended."""

    officer_id: str
    agency_id: str
    reason: str
    version: int = Version


class OfficerExited(Event, producer="registry", key="officer_id"):
    """An officer left enforcement for good; the certificate is withdrawn (YZ-10)."""

    officer_id: str
    agency_id: str
    reason: str
    exited_on: date
    version: int = Version


class ConflictDeclared(Event, producer="registry", key="officer_id"):
    """An officer has a relation to an enterprise that requires recusal, from a day until a day or for good (PL-43)."""

    conflict_id: str
    officer_id: str
    agency_id: str
    enterprise_id: str
    kind: ConflictKind
    since: date
    until: date | None = None
    version: int = Version


class ConflictEnded(Event, producer="registry", key="officer_id"):
    """A relation that required recusal ended; `ended_on` is the first day without it (PL-43)."""

    conflict_id: str
    officer_id: str
    agency_id: str
    enterprise_id: str
    reason: str
    ended_on: date
    version: int = Version


class EnterpriseRegistered(Event, producer="registry", key="enterprise_id"):
    """An enterprise entered the register or its particulars changed.

    `moved_from` is the area that it just left; `merged_into` the enterprise that took over its record.
    """

    enterprise_id: str
    name: str
    kind: Literal["company", "branch", "individual", "cooperative"]
    industry: str
    size: Literal["micro", "small", "medium", "large"]
    area: str
    address: str
    tags: tuple[str, ...] = ()
    premises: tuple[Premises, ...] = ()
    status: Literal["registered", "suspended", "deregistered"] = "registered"
    moved_from: str | None = None
    merged_into: str | None = None
    version: int = Version


class EnterpriseGraded(Event, producer="registry", key="enterprise_id"):
    """An enterprise's grade was set, with the supervision that follows from it (YZ-08, CX-12)."""

    enterprise_id: str
    area: str
    scheme: str
    grade: str
    previous: str | None = None
    score: int
    sampling_permille: int
    yearly_cap: int | None = None
    measures: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    clause: str
    in_force_from: date
    version: int = Version


class ItemPublished(Event, producer="registry", key="item_id"):
    """An inspection item was published with its legal basis and form (QZ-03, QZ-04)."""

    item_id: str
    agency_id: str
    name: str
    line: str = ""
    law: str
    article: str
    method: Method
    random_list: bool
    special_industry: bool
    key_area: bool
    recognition_days: int | None = None
    delegable: bool = False
    minutes: int
    officers: int
    industries: tuple[str, ...] = ()
    form_id: str | None = None
    form_version: int | None = None
    questions: tuple[Question, ...] = ()
    version: int = Version


class ItemCancelled(Event, producer="registry", key="item_id"):
    """An item was cancelled; no new task may use it (QZ-03)."""

    item_id: str
    agency_id: str
    reason: str
    cancelled_on: date
    version: int = Version


class PackActivated(Event, producer="registry", key="area"):
    """A policy pack takes effect in an area from a day; the resolved document travels along."""

    area: str
    pack: str
    digest: str
    effective_from: date
    document: JsonObject
    approved_by: tuple[str, ...]
    version: int = Version


class PackWithdrawn(Event, producer="registry", key="area"):
    """A pack that was to take effect in an area on a day to come is withdrawn; the day keeps the pack before it."""

    area: str
    pack: str
    digest: str
    effective_from: date
    reason: str
    version: int = Version


class CalendarPublished(Event, producer="registry", key="year"):
    """An administrator loaded a year's table of holidays and make-up workdays."""

    year: int
    notice: str
    workdays: tuple[date, ...]
    holidays: dict[str, str]
    statutory: tuple[date, ...]
    version: int = Version


class RepairNoticed(Event, producer="registry", key="fact_id"):
    """The notice of credit repair that goes with a decision or an adverse record (两书同达)."""

    fact_id: str
    enterprise_id: str
    agency_id: str | None = None
    area: str
    case_id: str | None = None
    severity: str
    shown: bool
    shown_from: date
    shown_until: date | None = None
    apply_from: date
    title: str
    paragraphs: tuple[str, ...]
    clause: str
    version: int = Version


class RepairReminded(Event, producer="registry", key="fact_id"):
    """An application for credit repair is due soon (LX-12)."""

    fact_id: str
    application_id: str
    enterprise_id: str
    agency_id: str | None = None
    area: str
    step: Literal["check", "decision"]
    due: date
    version: int = Version


class RepairOverdue(Event, producer="registry", key="fact_id"):
    """An application for credit repair was not dealt with in time (LX-12)."""

    fact_id: str
    application_id: str
    enterprise_id: str
    agency_id: str | None = None
    area: str
    step: Literal["check", "decision"]
    due: date
    clause: str
    version: int = Version


class RepairClockStopped(Event, producer="registry", key="fact_id"):
    """A clock of an application for credit repair stopped without a decision (LX-12).

    Its papers were checked (accepted or returned), the applicant took it back, or its record ended (closed).
    """

    fact_id: str
    application_id: str
    enterprise_id: str
    agency_id: str | None = None
    area: str
    because: Literal["accepted", "returned", "taken_back", "closed"]
    version: int = Version


class CreditRepairDecided(Event, producer="registry", key="fact_id"):
    """An application for credit repair was decided (LX-12)."""

    fact_id: str
    application_id: str
    enterprise_id: str
    agency_id: str | None = None
    area: str
    granted: bool
    reason: str
    clause: str
    decided_at: AwareDatetime
    version: int = Version


class CreditRepairRevoked(Event, producer="registry", key="fact_id"):
    """A credit repair was got by false materials and is undone: the fact counts again (LX-12)."""

    fact_id: str
    application_id: str
    enterprise_id: str
    agency_id: str | None = None
    area: str
    reason: str
    revoked_at: AwareDatetime
    version: int = Version


class CreditRestored(Event, producer="registry", key="fact_id"):
    """The longest display of a fact is over: it is neither shown nor counted any more (LX-12)."""

    fact_id: str
    enterprise_id: str
    agency_id: str | None = None
    area: str
    restored_on: date
    version: int = Version


class FactWithdrawn(Event, producer="registry", key="fact_id"):
    """A credit fact was withdrawn or replaced by a corrected one; it is kept, but counts no more (LX-10)."""

    fact_id: str
    enterprise_id: str
    area: str
    cause: str
    reason: str
    replaced_by: str | None = None
    withdrawn_at: AwareDatetime
    version: int = Version


class GradeAdjusted(Event, producer="registry", key="adjustment_id"):
    """A downgrade, upgrade or exposure was notified to the enterprise, took effect or ceased (LX-11)."""

    adjustment_id: str
    enterprise_id: str
    area: str
    kind: Literal["downgrade", "upgrade", "exposure"]
    level: str | None = None
    state: Literal["noticed", "in_force", "ended", "lifted"]
    law: str
    article: str
    reason: str
    agency_id: str
    objection_until: date | None = None
    in_force_from: date | None = None
    ends_on: date
    clause: str
    version: int = Version


class GradeObjected(Event, producer="registry", key="objection_id"):
    """An enterprise objected to a grade, an adjustment, a fact or its class in a proposed list (LX-11)."""

    objection_id: str
    enterprise_id: str
    area: str
    against: Literal["grade", "adjustment", "fact", "class_list"]
    target_id: str
    due_on: date
    clause: str
    version: int = Version


class GradeObjectionDecided(Event, producer="registry", key="objection_id"):
    """An objection was upheld or rejected (LX-11)."""

    objection_id: str
    enterprise_id: str
    area: str
    against: Literal["grade", "adjustment", "fact", "class_list"]
    target_id: str
    upheld: bool
    reason: str
    remedies: str
    decided_at: AwareDatetime
    version: int = Version


class GradeObjectionOverdue(Event, producer="registry", key="objection_id"):
    """An objection was not decided in time; supervision is told (LX-11)."""

    objection_id: str
    enterprise_id: str
    area: str
    due_on: date
    clause: str
    version: int = Version


class ClassListApproved(Event, producer="registry", key="list_id"):
    """A list of an area's classes was approved; each class is announced by EnterpriseGraded (CX-13)."""

    list_id: str
    area: str
    year: int
    kind: Literal["annual", "first", "supplementary"]
    total: int
    counts: dict[str, int]
    digest: str
    resolution: str
    in_force_from: date
    clause: str
    version: int = Version
