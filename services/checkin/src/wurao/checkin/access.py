"""Permissions of check-in: who may do what, by name."""

from typing import Annotated

from wurao.common.auth import Principal, Public, Role, permission

# Officers are not among those who may fetch an enterprise's code: they scan it where it hangs.
CanHoldCode = Annotated[
    Principal, permission("checkin.enterprise_code", Role.ENTERPRISE, Role.PLATFORM, Role.SUPERVISOR)
]
CanKnock = Annotated[Principal, permission("checkin.enter", Role.OFFICER, Role.ENTERPRISE)]
CanInspect = Annotated[Principal, permission("checkin.inspect", Role.OFFICER)]
CanSpeak = Annotated[Principal, permission("checkin.enterprise_voice", Role.ENTERPRISE)]
CanRead = Annotated[
    Principal,
    permission(
        "checkin.read",
        Role.OFFICER,
        Role.HEAD,
        Role.PLANNER,
        Role.ENTERPRISE,
        Role.SUPERVISOR,
        Role.PLATFORM,
        Role.CONFERENCE,
        Role.DISCIPLINE,
    ),
]
CanReadEvaluations = Annotated[
    Principal,
    permission(
        "checkin.read_evaluations",
        Role.OFFICER,
        Role.HEAD,
        Role.PLANNER,
        Role.SUPERVISOR,
        Role.PLATFORM,
        Role.CONFERENCE,
        Role.DISCIPLINE,
    ),
]

__all__ = ["CanHoldCode", "CanInspect", "CanKnock", "CanRead", "CanReadEvaluations", "CanSpeak", "Public"]
