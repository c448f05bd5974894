"""Who sees which rows: the scope of a caller as a condition. Row-level security says the same on PostgreSQL."""

from typing import Any

from sqlalchemy import ColumnElement, Text, cast, false, true
from sqlalchemy.orm import InstrumentedAttribute

from wurao.common.scope import Scope

Column = InstrumentedAttribute[Any]


def names_agency(agencies: Column, agency_id: str) -> ColumnElement[bool]:
    """A JSON list of agency ids names this agency."""
    return cast(agencies, Text).contains(f'"{agency_id}"', autoescape=True)


def seen_by(scope: Scope, *, area: Column, agencies: Column | None, enterprise: Column | None) -> ColumnElement[bool]:
    """Rows that the scope may see; a column that a table lacks shows nothing to those it would name."""
    if scope.kind == "system":
        return true()
    if scope.kind == "area":
        return area.startswith(scope.area, autoescape=True)
    if scope.kind == "agency" and agencies is not None:
        return names_agency(agencies, scope.agency_id)
    if scope.kind == "enterprise" and enterprise is not None:
        return enterprise == scope.enterprise_id
    return false()
