"""Second looks at imported rows: ids must name something that the registry knows, and lie in the caller's area.

An import asks `within_area` as soon as it can tell each row's area, and uses what is left:

    checked = within_area(checked, who, lambda row: row.area)               # the row names its area
    checked = await referring(session, checked, "agency_id", Agency.agency_id, "没有这个执法主体")
    areas = {row.agency_id: row.area for row in agencies}                    # or what it belongs to names it
    checked = within_area(checked, who, lambda row: areas[row.agency_id], "agency_id")

A row that changes something known is asked twice: for the area it names and for the area where that thing is now.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from sqlalchemy.orm import InstrumentedAttribute

from wurao.common.area import covers
from wurao.common.auth import Principal
from wurao.common.db import ReadSession
from wurao.common.imports import Checked, CsvModel, RowError
from wurao.registry.repository import bulk

Model = TypeVar("Model", bound=CsvModel)


async def referring(
    session: ReadSession,
    checked: Checked[Model],
    field: str,
    key: InstrumentedAttribute[str],
    message: str,
) -> Checked[Model]:
    """The upload without the rows whose `field` names no row of the key's table."""
    ids = [str(getattr(row, field)) for row in checked.good]
    known = await bulk.existing(session, key, ids)

    def fault(number: int, row: Model) -> RowError | None:
        if getattr(row, field) in known:
            return None
        return RowError(row=number, field=field, code="unknown", message=message)

    return checked.rejecting(fault)


def within_area(
    checked: Checked[Model], who: Principal, area_of: Callable[[Model], str | None], field: str = "area"
) -> Checked[Model]:
    """The upload without the rows outside the caller's area. `area_of` gives None where a row is bound to no area."""

    def fault(number: int, row: Model) -> RowError | None:
        area = area_of(row)
        if area is None or (who.area is not None and covers(who.area, area)):
            return None
        return RowError(row=number, field=field, code="other_area", message="不在本人管辖的区域内")

    return checked.rejecting(fault)


def numbered(checked: Checked[Model], note: Callable[[Model], Sequence[tuple[str, str]]], limit: int) -> list[RowError]:
    """Notes (code, message) on the rows that are loaded, up to a limit."""
    notes = []
    for number, row in zip(checked.numbers, checked.good, strict=True):
        notes += [RowError(row=number, field="", code=code, message=message) for code, message in note(row)]
        if len(notes) >= limit:
            return notes[:limit]
    return notes
