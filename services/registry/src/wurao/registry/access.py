"""Permissions of the registry: who may do what, by name."""

from typing import Annotated

from wurao.common.auth import Principal, Public, Role, permission

CanImport = Annotated[Principal, permission("registry.import", Role.PLATFORM)]
CanMaintain = Annotated[Principal, permission("registry.maintain", Role.PLATFORM)]
CanPublish = Annotated[Principal, permission("registry.publish", Role.PLATFORM, Role.SUPERVISOR)]
CanRead = Annotated[
    Principal,
    permission("registry.read", Role.PLATFORM, Role.PLANNER, Role.HEAD, Role.OFFICER, Role.SUPERVISOR, Role.CONFERENCE),
]

__all__ = ["CanImport", "CanMaintain", "CanPublish", "CanRead", "Public"]
