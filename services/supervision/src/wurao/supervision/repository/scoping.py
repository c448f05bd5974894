"""Whose rows a query gives: the caller's scope, in code as in the database's row-level security."""

from typing import Any

from sqlalchemy import ColumnElement, Select, false, true

from wurao.common.scope import Scope


def visible(scope: Scope, *, area: Any = None, agency: Any = None, enterprise: Any = None) -> ColumnElement[bool]:
    """The rows of the scope, by those columns that the table has; a scope without a column sees nothing."""
    if scope.kind == "system":
        return true()
    if scope.kind == "area" and area is not None:
        found: ColumnElement[bool] = area.startswith(scope.area, autoescape=True)
        return found
    if scope.kind == "agency" and agency is not None:
        return agency == scope.agency_id  # type: ignore[no-any-return]
    if scope.kind == "enterprise" and enterprise is not None:
        return enterprise == scope.enterprise_id  # type: ignore[no-any-return]
    return false()


def filtered(query: Select[Any], **equal: Any) -> Select[Any]:
    """The query with those filters that were asked for: attribute name of its entity → value."""
    entity = query.column_descriptions[0]["entity"]
    for name, value in equal.items():
        if value is not None:
            query = query.where(getattr(entity, name) == value)
    return query
