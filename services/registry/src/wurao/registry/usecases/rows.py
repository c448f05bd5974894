"""Second looks at imported rows: ids must name something that the registry knows."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from sqlalchemy.orm import InstrumentedAttribute

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


def numbered(checked: Checked[Model], note: Callable[[Model], Sequence[tuple[str, str]]], limit: int) -> list[RowError]:
    """Notes (code, message) on the rows that are loaded, up to a limit."""
    notes = []
    for number, row in zip(checked.numbers, checked.good, strict=True):
        notes += [RowError(row=number, field="", code=code, message=message) for code, message in note(row)]
        if len(notes) >= limit:
            return notes[:limit]
    return notes
