"""Permissions of supervision: who may do what, by name, and the bounds of an area."""

from typing import Annotated

from wurao.common import area as areas
from wurao.common.auth import Principal, Public, Role, permission
from wurao.common.errors import Forbidden

CanComplain = Annotated[
    Principal,
    permission("supervision.complain", Role.ENTERPRISE, Role.PLATFORM, Role.SUPERVISOR, Role.CONFERENCE),
]
CanReadComplaints = Annotated[
    Principal,
    permission(
        "supervision.complaints",
        Role.ENTERPRISE,
        Role.PLATFORM,
        Role.SUPERVISOR,
        Role.CONFERENCE,
        Role.HEAD,
        Role.PLANNER,
    ),
]
CanHandle = Annotated[Principal, permission("supervision.handle", Role.SUPERVISOR)]
CanWatch = Annotated[Principal, permission("supervision.watch", Role.SUPERVISOR, Role.CONFERENCE, Role.PLATFORM)]
CanCallBack = Annotated[Principal, permission("supervision.callback", Role.SUPERVISOR, Role.CONFERENCE)]
CanReadCorrections = Annotated[
    Principal,
    permission("supervision.corrections", Role.SUPERVISOR, Role.CONFERENCE, Role.PLATFORM, Role.HEAD, Role.PLANNER),
]
CanCorrect = Annotated[Principal, permission("supervision.correct", Role.HEAD, Role.PLANNER)]
CanReadLeads = Annotated[Principal, permission("supervision.leads", Role.DISCIPLINE, Role.SUPERVISOR)]
CanReceiveLeads = Annotated[Principal, permission("supervision.receive", Role.DISCIPLINE)]


def require_area(who: Principal, area: str) -> None:
    """Raises Forbidden when the area is not the caller's or below it."""
    if who.area is None or not areas.covers(who.area, area):
        raise Forbidden("只能办理本辖区的事项", code="other_area")


__all__ = [
    "CanCallBack",
    "CanComplain",
    "CanCorrect",
    "CanHandle",
    "CanReadComplaints",
    "CanReadCorrections",
    "CanReadLeads",
    "CanReceiveLeads",
    "CanWatch",
    "Public",
    "require_area",
]
