"""What a caller may see, as a condition; row-level security stands behind it on PostgreSQL."""

from typing import Any, TypeVar

from sqlalchemy import Select, false

from wurao.common.scope import Scope
from wurao.penalty.tables import Scoped

S = TypeVar("S", bound=Select[Any])


def visible(query: S, table: type[Scoped], scope: Scope) -> S:
    """The query limited to the rows of the scope; an unset scope sees nothing."""
    match scope.kind:
        case "system":
            return query
        case "agency":
            return query.where(table.agency_id == scope.agency_id)
        case "enterprise":
            return query.where(table.enterprise_id == scope.enterprise_id)
        case "area":
            return query.where(table.area.startswith(scope.area, autoescape=True))
        case _:
            return query.where(false())
