"""Columns of the import files and how a row becomes text."""

from collections.abc import Iterable, Sequence
from typing import TypeAlias

COLUMNS: dict[str, tuple[str, ...]] = {
    "areas": ("code", "name", "level", "parent"),
    "agencies": (
        "agency_id", "name", "kind", "level", "area", "line", "parent_id", "authority", "procedure",
        "remedies", "phone", "delegating_id", "delegation_no", "delegation_from", "delegation_to",
        "delegation_scope", "delegation_basis",
    ),
    "units": ("unit_id", "agency_id", "name", "duties", "phone"),
    "officers": (
        "officer_id", "name", "agency_id", "unit", "kind", "certificate_no", "valid_from", "valid_to",
        "trained", "examined", "in_post", "legal_reviewer", "legal_qualified", "leader",
        "management_authority",
    ),
    "items": (
        "item_id", "agency_id", "name", "line", "law", "article", "method", "random_list", "special_industry",
        "key_area", "recognition_days", "delegable", "minutes", "officers", "industries", "form_id",
    ),
    "forms": (
        "form_id", "version", "question_id", "position", "text", "type", "mandatory", "standard", "law",
        "article", "evidence", "shared_key",
    ),
    "enterprises": (
        "enterprise_id", "name", "kind", "industry", "size", "area", "address", "registered_on", "park",
        "tags",
    ),
    "premises": ("premises_id", "enterprise_id", "name", "address", "area"),
    "facts": (
        "fact_id", "enterprise_id", "indicator", "value", "source", "occurred_on", "evidence", "expires_on",
    ),
}  # fmt: skip

Cell: TypeAlias = str | int | bool


def _text(cell: Cell) -> str:
    return ("false", "true")[cell] if isinstance(cell, bool) else str(cell)


def line(cells: Sequence[Cell]) -> str:
    """One CSV line. The catalogues hold no comma, quote or line break, so nothing needs quoting."""
    return ",".join(map(_text, cells)) + "\n"


def lines(rows: Iterable[Sequence[Cell]]) -> str:
    return "".join(map(line, rows))
