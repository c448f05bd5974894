"""Events of penalty: is the outcome lawful and proportionate?"""

from datetime import date
from typing import Literal

from pydantic import AwareDatetime

from wurao.common.contracts.base import Event, Version
from wurao.common.contracts.shared import OfficerRef, Outcome


class CaseOpened(Event, producer="penalty", key="case_id"):
    """A case was filed for a violation."""

    case_id: str
    case_no: str
    enterprise_id: str
    enterprise_name: str
    agency_id: str
    area: str
    violation: str
    visit_id: str | None = None
    finding_id: str | None = None
    officers: tuple[OfficerRef, ...]
    opened_on: date
    version: int = Version


class NoticeServed(Event, producer="penalty", key="case_id"):
    """The party was told content, facts, reasons, basis and rights (PL-44)."""

    case_id: str
    enterprise_id: str
    agency_id: str
    area: str
    served_on: date
    statement_due: date | None = None
    hearing_due: date | None = None
    proposed_fine_fen: int
    version: int = Version


class PenaltyDecided(Event, producer="penalty", key="case_id"):
    """A case was decided, penalty or none (PL-33, PL-51)."""

    case_id: str
    case_no: str
    enterprise_id: str
    agency_id: str
    area: str
    procedure: Literal["summary", "ordinary"]
    violation: str
    outcome: Outcome
    fine_fen: int
    kinds: tuple[str, ...]
    list_entry: str | None = None
    educated: bool
    decided_on: date
    pay_by: date | None = None
    officers: tuple[OfficerRef, ...]
    version: int = Version


class ListDeparted(Event, producer="penalty", key="case_id"):
    """A decision departed from a light-penalty list, with a written reason (YZ-12)."""

    case_id: str
    enterprise_id: str
    agency_id: str
    area: str
    list_entry: str
    proposed: Outcome
    decided: Outcome
    reason: str
    departed_at: AwareDatetime
    version: int = Version


class HeavyCaseFiled(Event, producer="penalty", key="case_id"):
    """A heavy case was filed with the supervision body by the system itself (QZ-31)."""

    case_id: str
    case_no: str
    enterprise_id: str
    agency_id: str
    area: str
    grounds: tuple[str, ...]
    fine_fen: int
    filed_at: AwareDatetime
    version: int = Version


class FinePaid(Event, producer="penalty", key="case_id"):
    """A fine was paid through the treasury channel (LX-06, PL-67)."""

    case_id: str
    enterprise_id: str
    agency_id: str
    area: str
    paid_fen: int
    surcharge_fen: int
    settled: bool
    paid_on: date
    version: int = Version


class CoercionImposed(Event, producer="penalty", key="measure_id"):
    """A coercive measure was approved and imposed (CL-18)."""

    measure_id: str
    case_id: str
    enterprise_id: str
    agency_id: str
    area: str
    kind: str
    reason: str
    imposed_at: AwareDatetime
    due: date
    version: int = Version


class CoercionLifted(Event, producer="penalty", key="measure_id"):
    """A coercive measure was lifted or expired (CL-25)."""

    measure_id: str
    case_id: str
    enterprise_id: str
    agency_id: str
    area: str
    lifted_at: AwareDatetime
    reason: str
    version: int = Version
