"""Events of scheduling on plans, filings and the conference."""

from datetime import date
from typing import Literal

from pydantic import AwareDatetime

from wurao.common.contracts.base import Event, Version


class PlanApproved(Event, producer="scheduling", key="plan_id"):
    """A plan was approved by the head or the joint conference (QZ-05, CX-01)."""

    plan_id: str
    agency_id: str
    area: str
    title: str
    approved_by: str
    approved_at: AwareDatetime
    version: int = Version


class PlanFiled(Event, producer="scheduling", key="plan_id"):
    """A plan was filed with the office that the pack names, in time or late (DT-11, CX-05).

    `settles` names what was told to be overdue and came with it.
    """

    plan_id: str
    agency_id: str
    area: str
    office: str
    filed_at: AwareDatetime
    due: date | None = None
    late: bool
    clause: str
    settles: tuple[str, ...] = ()
    version: int = Version


class PlanOverdue(Event, producer="scheduling", key="overdue_id"):
    """A plan that the pack wants by a day was not filed by then (CX-02, LX-02); `agency_id` None: the area owes it."""

    overdue_id: str
    area: str
    agency_id: str | None = None
    kind: str
    period: str
    due: date
    clause: str
    message: str
    version: int = Version


class ApprovalOverdue(Event, producer="scheduling", key="overdue_id"):
    """What was filed in time was neither approved nor noted within the pack's period (QZ-10).

    `subject` is an inspection's `filing`, which its own agency should have approved, or a `plan`, which lies with
    the filing office: then no agency is named.
    """

    overdue_id: str
    area: str
    subject: Literal["plan", "filing"]
    subject_id: str
    agency_id: str | None = None
    enterprise_id: str | None = None
    due: AwareDatetime
    clause: str
    message: str
    version: int = Version


class ApprovalCame(Event, producer="scheduling", key="overdue_id"):
    """What was told to be out was approved, noted or returned after all (QZ-10)."""

    overdue_id: str
    area: str
    reason: str
    version: int = Version


class PlanPublished(Event, producer="scheduling", key="plan_id"):
    """An approved plan was published; tasks may follow from it (QZ-05).

    `supersedes` names the version that it replaces: what that one carries, it carries no more.
    """

    plan_id: str
    agency_id: str
    area: str
    title: str
    period_from: date
    period_to: date
    items: tuple[str, ...]
    published_at: AwareDatetime
    supersedes: str | None = None
    version: int = Version


class ConferenceHeld(Event, producer="scheduling", key="meeting_id"):
    """The joint conference met, in its quarter or in between, and its minutes are settled (CX-01)."""

    meeting_id: str
    area: str
    kind: Literal["regular", "extra"]
    period: str
    held_on: date
    resolutions: int
    version: int = Version


class ConferenceOverdue(Event, producer="scheduling", key="overdue_id"):
    """A period went by without the conference that the pack wants in it (CX-01)."""

    overdue_id: str
    area: str
    period: str
    due: date
    clause: str
    version: int = Version
