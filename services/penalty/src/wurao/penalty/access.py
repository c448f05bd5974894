"""Permissions of penalty: who may do what, by name."""

from typing import Annotated

from wurao.common.area import covers
from wurao.common.auth import Principal, Role, permission
from wurao.common.errors import Forbidden

CanRead = Annotated[
    Principal,
    permission(
        "penalty.read",
        Role.PLATFORM,
        Role.HEAD,
        Role.OFFICER,
        Role.REVIEWER,
        Role.ENTERPRISE,
        Role.SUPERVISOR,
        Role.TREASURY,
    ),
]
CanHandle = Annotated[Principal, permission("penalty.handle", Role.OFFICER, Role.HEAD)]
CanDecide = Annotated[Principal, permission("penalty.decide", Role.HEAD, Role.OFFICER)]
CanHead = Annotated[Principal, permission("penalty.head", Role.HEAD)]
CanReview = Annotated[Principal, permission("penalty.review", Role.REVIEWER, Role.OFFICER)]
CanState = Annotated[Principal, permission("penalty.state", Role.ENTERPRISE, Role.OFFICER)]
CanWaive = Annotated[Principal, permission("penalty.waive", Role.ENTERPRISE)]
CanCollect = Annotated[Principal, permission("penalty.collect", Role.TREASURY)]
CanRecordDispute = Annotated[Principal, permission("penalty.dispute", Role.HEAD, Role.OFFICER, Role.SUPERVISOR)]
CanCalculate = Annotated[Principal, permission("penalty.calculate", *Role)]


def require_area(who: Principal, area: str) -> None:
    """Raises Forbidden when the area lies outside the caller's."""
    try:
        within = who.area is not None and covers(who.area, area)
    except ValueError:
        within = False
    if not within:
        raise Forbidden("只能办理本辖区的事项", code="other_area")


def require_agency_or_area(who: Principal, agency_id: str, area: str) -> None:
    """Supervisors act within their area, everybody else for the own agency. Raises Forbidden."""
    if Role.SUPERVISOR in who.roles:
        require_area(who, area)
    else:
        who.require_agency(agency_id)


def require_party_or_agency(who: Principal, agency_id: str, enterprise_id: str) -> None:
    """The party itself, or the agency that handles its case. Raises Forbidden."""
    if Role.ENTERPRISE in who.roles:
        who.require_enterprise(enterprise_id)
    else:
        who.require_agency(agency_id)


def actor(who: Principal) -> str:
    """Who acts, as cases keep it: the officer where the caller is one."""
    return who.officer_id or who.subject
