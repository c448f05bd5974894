"""Permissions of the registry: who may do what, by name, and within which bounds."""

from typing import Annotated

from wurao.common.area import covers
from wurao.common.auth import Principal, Public, Role, permission
from wurao.common.errors import Forbidden

_STAFF = (Role.PLATFORM, Role.PLANNER, Role.HEAD, Role.OFFICER, Role.SUPERVISOR, Role.CONFERENCE)
_ABOVE = {Role.PLATFORM, Role.SUPERVISOR, Role.CONFERENCE}

CanImport = Annotated[Principal, permission("registry.import", Role.PLATFORM)]
CanMaintain = Annotated[Principal, permission("registry.maintain", Role.PLATFORM)]
CanDecidePacks = Annotated[Principal, permission("registry.packs", Role.PLATFORM, Role.SUPERVISOR)]
CanPublish = Annotated[Principal, permission("registry.publish", Role.PLATFORM, Role.SUPERVISOR)]
CanRead = Annotated[Principal, permission("registry.read", *_STAFF)]
CanCertify = Annotated[Principal, permission("registry.certify", Role.PLATFORM, Role.SUPERVISOR)]
CanChangeStanding = Annotated[Principal, permission("registry.standing", Role.PLATFORM, Role.SUPERVISOR, Role.HEAD)]
CanRecordOfficers = Annotated[
    Principal, permission("registry.officer_records", Role.PLATFORM, Role.SUPERVISOR, Role.HEAD)
]
# Not to officers: colleagues' shortcomings are for those who answer for the certificates.
CanSeeReviews = Annotated[
    Principal,
    permission("registry.officer_reviews", Role.PLATFORM, Role.PLANNER, Role.HEAD, Role.SUPERVISOR, Role.CONFERENCE),
]
CanDeclareConflicts = Annotated[
    Principal,
    permission(
        "registry.conflicts",
        Role.OFFICER,
        Role.PLANNER,
        Role.HEAD,
        Role.SUPERVISOR,
        Role.PLATFORM,
        Role.ENTERPRISE,
    ),
]
CanVerify = Annotated[Principal, permission("registry.verify", *_STAFF, Role.DISCIPLINE, Role.ENTERPRISE)]
CanPublishItems = Annotated[Principal, permission("registry.items", Role.PLATFORM, Role.SUPERVISOR, Role.HEAD)]
CanReviewItems = Annotated[Principal, permission("registry.review_items", Role.OFFICER, Role.SUPERVISOR)]
CanSeeEnterprises = Annotated[Principal, permission("registry.enterprises", *_STAFF, Role.ENTERPRISE)]
CanSeeOwnHoldings = Annotated[Principal, permission("registry.own_view", Role.ENTERPRISE)]
CanRecordFacts = Annotated[
    Principal, permission("registry.facts", Role.PLATFORM, Role.SUPERVISOR, Role.PLANNER, Role.HEAD)
]
CanApplyForRepair = Annotated[
    Principal,
    permission("registry.apply_repair", Role.ENTERPRISE, Role.PLANNER, Role.HEAD, Role.REVIEWER, Role.SUPERVISOR),
]
CanHandleRepairs = Annotated[
    Principal,
    permission("registry.repair", Role.PLANNER, Role.REVIEWER, Role.HEAD, Role.SUPERVISOR, Role.PLATFORM),
]
CanSeeRepairs = Annotated[
    Principal, permission("registry.repairs", *_STAFF, Role.REVIEWER, Role.DISCIPLINE, Role.ENTERPRISE)
]
CanGrade = Annotated[
    Principal, permission("registry.grade", Role.PLATFORM, Role.SUPERVISOR, Role.HEAD, Role.CONFERENCE)
]
CanAdjust = Annotated[Principal, permission("registry.adjust", Role.PLANNER, Role.HEAD, Role.SUPERVISOR)]
CanApproveAdjustments = Annotated[Principal, permission("registry.approve_adjustment", Role.HEAD, Role.SUPERVISOR)]
CanObject = Annotated[Principal, permission("registry.object", Role.ENTERPRISE)]
CanDecideObjections = Annotated[
    Principal, permission("registry.decide_objection", Role.HEAD, Role.SUPERVISOR, Role.CONFERENCE)
]
CanProposeLists = Annotated[
    Principal,
    permission("registry.propose_class_list", Role.PLATFORM, Role.SUPERVISOR, Role.HEAD, Role.CONFERENCE),
]
# Planners and supervisors too: the gate tells them with its clause that it is not theirs to approve.
CanApproveLists = Annotated[
    Principal,
    permission("registry.approve_class_list", Role.PLATFORM, Role.SUPERVISOR, Role.PLANNER, Role.HEAD, Role.CONFERENCE),
]

__all__ = [
    "CanAdjust",
    "CanApplyForRepair",
    "CanApproveAdjustments",
    "CanApproveLists",
    "CanCertify",
    "CanChangeStanding",
    "CanDecideObjections",
    "CanDecidePacks",
    "CanDeclareConflicts",
    "CanGrade",
    "CanHandleRepairs",
    "CanImport",
    "CanMaintain",
    "CanObject",
    "CanProposeLists",
    "CanPublish",
    "CanPublishItems",
    "CanRead",
    "CanRecordFacts",
    "CanRecordOfficers",
    "CanReviewItems",
    "CanSeeEnterprises",
    "CanSeeOwnHoldings",
    "CanSeeRepairs",
    "CanSeeReviews",
    "CanVerify",
    "Public",
    "require_area",
    "require_authority_over",
    "sees_colleagues",
    "stands_above",
]


def require_area(who: Principal, area: str) -> None:
    """Raises Forbidden unless the area lies within the caller's."""
    if who.area is None or not covers(who.area, area):
        raise Forbidden("不在本人管辖的区域内", code="other_area")


def require_authority_over(who: Principal, agency_id: str, area: str) -> None:
    """Those above agencies act within their area, all others for their own agency. Raises Forbidden."""
    if who.roles & _ABOVE:
        require_area(who, area)
    else:
        who.require_agency(agency_id)


def stands_above(who: Principal) -> bool:
    """Tell whether the caller stands above agencies by role."""
    return bool(who.roles & _ABOVE)


def sees_colleagues(who: Principal) -> bool:
    """Tell whether the caller is more than an officer; an officer reads the own dossier only."""
    return bool(who.roles & (set(_STAFF) - {Role.OFFICER}))
