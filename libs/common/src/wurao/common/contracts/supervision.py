"""Events of supervision: who went wrong, and what follows?"""

from datetime import date
from typing import Literal

from pydantic import AwareDatetime

from wurao.common.contracts.base import DISCIPLINE_TOPIC, Event, Version
from wurao.common.contracts.shared import JsonObject, OfficerRef


class ComplaintFiled(Event, producer="supervision", key="complaint_id"):
    """A complaint came in by any channel (YZ-19, QZ-13)."""

    complaint_id: str
    channel: str
    category: str
    enterprise_id: str
    agency_id: str | None = None
    visit_id: str | None = None
    area: str
    due: date
    filed_at: AwareDatetime
    version: int = Version


class ComplaintClosed(Event, producer="supervision", key="complaint_id"):
    """A complaint was closed with outcome and reply (YZ-19, LX-16)."""

    complaint_id: str
    enterprise_id: str
    agency_id: str | None = None
    officers: tuple[str, ...] = ()
    area: str
    category: str
    outcome: Literal["proven", "unfounded", "withdrawn"]
    suspected_breach: bool = False
    closed_at: AwareDatetime
    version: int = Version


class CallbackClosed(Event, producer="supervision", key="callback_id"):
    """A callback to an inspected enterprise was carried out or became overdue (CX-09)."""

    callback_id: str
    entry_id: str
    enterprise_id: str
    area: str
    result: Literal["done", "overdue"]
    issues: tuple[str, ...] = ()
    closed_at: AwareDatetime
    version: int = Version


class AlertRaised(Event, producer="supervision", key="alert_id"):
    """An indicator or rule raised an alert, naming evidence (YZ-20, QZ-30)."""

    alert_id: str
    kind: str
    clause: str
    area: str
    agency_id: str | None = None
    officers: tuple[str, ...] = ()
    enterprise_id: str | None = None
    evidence: tuple[str, ...]
    message: str
    raised_at: AwareDatetime
    version: int = Version


class AlertCleared(Event, producer="supervision", key="alert_id"):
    """What raised an alert no longer holds (QZ-30)."""

    alert_id: str
    reason: str
    cleared_at: AwareDatetime
    version: int = Version


class CorrectionOrdered(Event, producer="supervision", key="order_id"):
    """An agency was ordered to correct, with a deadline (LX-16)."""

    order_id: str
    agency_id: str
    area: str
    cause: str
    cause_id: str
    demand: str
    due: date
    clause: str
    ordered_at: AwareDatetime
    version: int = Version


class LeadReferred(Event, producer="supervision", key="lead_id", topic=DISCIPLINE_TOPIC):
    """A lead was handed to discipline inspection; the only event of its stream (CX-07, LX-16)."""

    lead_id: str
    recipient: str
    category: str
    clause: str
    area: str
    agency_id: str | None = None
    officers: tuple[OfficerRef, ...] = ()
    enterprise_id: str | None = None
    management_authority: str = "county"
    evidence: tuple[str, ...]
    summary: str
    referred_at: AwareDatetime
    version: int = Version


class OfficerSanctioned(Event, producer="supervision", key="officer_id"):
    """An accountability decision on an officer: suspend or revoke the certificate (DT-18)."""

    officer_id: str
    agency_id: str
    sanction: Literal["suspend", "revoke"]
    until: date | None = None
    decision_id: str
    reason: str
    decided_at: AwareDatetime
    version: int = Version


class StatisticsPublished(Event, producer="supervision", key="report_id"):
    """Statistics of a period were published (QZ-19)."""

    report_id: str
    area: str
    period_from: date
    period_to: date
    figures: JsonObject
    published_at: AwareDatetime
    version: int = Version
