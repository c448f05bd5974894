"""Whose rows a session may see. An unset scope sees nothing (architecture §9)."""

from dataclasses import dataclass
from typing import Literal

ScopeKind = Literal["system", "area", "agency", "enterprise", "none"]


@dataclass(frozen=True, slots=True)
class Scope:
    """Claims that PostgreSQL row-level security and the repositories read."""

    kind: ScopeKind
    area: str = ""
    agency_id: str = ""
    enterprise_id: str = ""

    def settings(self) -> dict[str, str]:
        """The values of the `wurao.*` settings of one transaction."""
        return {
            "wurao.scope": self.kind,
            "wurao.area": self.area,
            "wurao.agency": self.agency_id,
            "wurao.enterprise": self.enterprise_id,
        }


SYSTEM = Scope("system")
NOBODY = Scope("none")
