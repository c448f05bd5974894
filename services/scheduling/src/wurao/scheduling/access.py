"""Permissions of scheduling: who may do what, by name."""

from typing import Annotated

from wurao.common import area as areas
from wurao.common.auth import Principal, Public, Role, permission
from wurao.common.errors import Forbidden

CanPlan = Annotated[Principal, permission("scheduling.plan", Role.PLANNER, Role.HEAD)]
CanApprovePlan = Annotated[Principal, permission("scheduling.approve_plan", Role.HEAD, Role.CONFERENCE)]
CanTakeStep = Annotated[
    Principal,
    permission("scheduling.take_plan_step", Role.PLANNER, Role.HEAD, Role.REVIEWER, Role.CONFERENCE),
]
CanDecideFiling = Annotated[
    Principal, permission("scheduling.decide_filing", Role.PLANNER, Role.HEAD, Role.SUPERVISOR, Role.CONFERENCE)
]
CanHoldConference = Annotated[Principal, permission("scheduling.hold_conference", Role.CONFERENCE)]
CanChangeVisit = Annotated[Principal, permission("scheduling.change_visit", Role.PLANNER, Role.HEAD)]
CanApproveVisit = Annotated[Principal, permission("scheduling.approve_visit", Role.HEAD)]
CanWitnessDraw = Annotated[Principal, permission("scheduling.witness_draw", Role.SUPERVISOR, Role.PLANNER, Role.HEAD)]
CanSubstituteDrawn = Annotated[Principal, permission("scheduling.substitute_drawn", Role.HEAD, Role.SUPERVISOR)]
CanReveal = Annotated[Principal, permission("scheduling.reveal", Role.PLANNER, Role.HEAD, Role.SUPERVISOR)]
CanVoidDraw = Annotated[Principal, permission("scheduling.void_draw", Role.PLANNER, Role.HEAD, Role.SUPERVISOR)]
CanApproveOutside = Annotated[
    Principal, permission("scheduling.approve_outside", Role.HEAD, Role.SUPERVISOR, Role.CONFERENCE)
]
CanMerge = Annotated[Principal, permission("scheduling.merge", Role.PLANNER, Role.HEAD, Role.CONFERENCE, Role.PLATFORM)]
CanConsent = Annotated[Principal, permission("scheduling.consent", Role.PLANNER, Role.HEAD)]
CanFile = Annotated[Principal, permission("scheduling.file", Role.OFFICER, Role.PLANNER, Role.HEAD)]
CanPreflight = Annotated[
    Principal,
    permission(
        "scheduling.preflight",
        Role.PLANNER,
        Role.HEAD,
        Role.OFFICER,
        Role.PLATFORM,
        Role.SUPERVISOR,
        Role.CONFERENCE,
    ),
]
CanCheckOffSite = Annotated[Principal, permission("scheduling.check_off_site", Role.OFFICER, Role.PLANNER, Role.HEAD)]
CanAnswer = Annotated[Principal, permission("scheduling.answer", Role.ENTERPRISE)]
CanSeeOffSite = Annotated[
    Principal,
    permission(
        "scheduling.see_off_site",
        Role.OFFICER,
        Role.PLANNER,
        Role.HEAD,
        Role.PLATFORM,
        Role.SUPERVISOR,
        Role.CONFERENCE,
        Role.ENTERPRISE,
    ),
]
CanWatch = Annotated[Principal, permission("scheduling.watch", Role.PLATFORM, Role.SUPERVISOR, Role.CONFERENCE)]
CanRead = Annotated[
    Principal,
    permission(
        "scheduling.read",
        Role.PLANNER,
        Role.HEAD,
        Role.OFFICER,
        Role.PLATFORM,
        Role.SUPERVISOR,
        Role.CONFERENCE,
    ),
]

CanReadCalendar = Annotated[
    Principal,
    permission(
        "scheduling.read_calendar",
        Role.ENTERPRISE,
        Role.PLANNER,
        Role.HEAD,
        Role.OFFICER,
        Role.PLATFORM,
        Role.SUPERVISOR,
        Role.CONFERENCE,
    ),
]

OVERSIGHT = frozenset({Role.PLATFORM, Role.SUPERVISOR, Role.CONFERENCE})


def oversees(who: Principal, area: str) -> bool:
    """Tell whether the caller watches over an area by its role."""
    return bool(who.roles & OVERSIGHT) and who.area is not None and areas.covers(who.area, area)


def covers(who: Principal, area: str) -> bool:
    """Tell whether an area lies within the caller's own."""
    return who.area is not None and areas.covers(who.area, area)


def require_area(who: Principal, area: str) -> None:
    """Raises Forbidden when the area lies outside the caller's own."""
    if not covers(who, area):
        raise Forbidden("只能办理本区域的事项", code="other_area")


def require_agency_or_oversight(who: Principal, agency_id: str, area: str) -> None:
    """Raises Forbidden unless the caller belongs to the agency or watches over the area."""
    if not oversees(who, area):
        who.require_agency(agency_id)


__all__ = [
    "CanAnswer",
    "CanApprovePlan",
    "CanApproveVisit",
    "CanChangeVisit",
    "CanCheckOffSite",
    "CanConsent",
    "CanDecideFiling",
    "CanFile",
    "CanHoldConference",
    "CanMerge",
    "CanPlan",
    "CanPreflight",
    "CanRead",
    "CanReadCalendar",
    "CanReveal",
    "CanSeeOffSite",
    "CanSubstituteDrawn",
    "CanTakeStep",
    "CanVoidDraw",
    "CanWatch",
    "CanWitnessDraw",
    "Public",
    "covers",
    "oversees",
    "require_agency_or_oversight",
    "require_area",
]
