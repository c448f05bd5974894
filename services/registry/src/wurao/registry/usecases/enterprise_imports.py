"""Enter enterprises and premises in bulk. Rows that change nothing neither write nor announce anything."""

from collections.abc import Mapping, Sequence
from typing import Any

from wurao.common.contracts.registry import EnterpriseRegistered
from wurao.common.contracts.shared import Premises
from wurao.common.db import WriteSession
from wurao.common.imports import Checked, ImportReport
from wurao.registry.repository import enterprises as repository
from wurao.registry.repository.bulk import Values, chunked, insert_all, update_all
from wurao.registry.schemas.enterprises import EnterpriseRow, PremisesRowIn
from wurao.registry.tables import Enterprise, PremisesRow
from wurao.registry.usecases.rows import referring

NEW = {"status": "registered", "version": 1}


async def enter(session: WriteSession, rows: Sequence[EnterpriseRow]) -> None:
    """Enter enterprises, or change known ones; each new or changed one is announced."""
    for chunk in chunked(rows):
        await _enter(session, chunk)
        await session.stage()


async def _enter(session: WriteSession, rows: Sequence[EnterpriseRow]) -> None:
    known = await repository.known(session, [row.enterprise_id for row in rows])
    premises = await repository.premises_of(session, list(known)) if known else {}
    fresh: list[Values] = []
    changed: list[Values] = []
    for row in rows:
        values = row.model_dump() | {"tags": list(row.tags)}
        before = known.get(row.enterprise_id)
        if before is None:
            fresh.append(values | NEW)
        elif any(before._mapping[name] != value for name, value in values.items()):
            changed.append(values | {"status": before.status, "version": before.version + 1})
    await insert_all(session, Enterprise, fresh)
    await update_all(session, Enterprise, "enterprise_id", changed)
    session.record(*(registered(values, premises.get(values["enterprise_id"], ())) for values in fresh + changed))


async def enter_premises(session: WriteSession, checked: Checked[PremisesRowIn]) -> ImportReport:
    """Enter premises; their enterprises are announced again with all premises that they have."""
    message = "没有这个经营主体"
    checked = await referring(session, checked, "enterprise_id", Enterprise.enterprise_id, message)
    for chunk in chunked(checked.good):
        await _enter_premises(session, chunk)
        await session.stage()
    return checked.report


async def _enter_premises(session: WriteSession, rows: Sequence[PremisesRowIn]) -> None:
    known = await repository.known_premises(session, [row.premises_id for row in rows])
    values = [row.model_dump() for row in rows]
    fresh = [row for row in values if row["premises_id"] not in known]
    changed = [row for row in values if row["premises_id"] in known and _moved(known[row["premises_id"]], row)]
    await insert_all(session, PremisesRow, fresh)
    await update_all(session, PremisesRow, "premises_id", changed)
    owners = {row["enterprise_id"] for row in fresh + changed}
    owners.update(known[row["premises_id"]].enterprise_id for row in changed)
    await _announce(session, sorted(owners))


def _moved(before: Any, row: Values) -> bool:
    return any(before._mapping[name] != value for name, value in row.items())


async def _announce(session: WriteSession, enterprise_ids: Sequence[str]) -> None:
    """Raise the versions of enterprises whose premises changed, and announce them."""
    for ids in chunked(enterprise_ids):
        owners = await repository.known(session, ids)
        premises = await repository.premises_of(session, ids)
        raised: list[Values] = [{"enterprise_id": key, "version": row.version + 1} for key, row in owners.items()]
        await update_all(session, Enterprise, "enterprise_id", raised)
        for key, row in owners.items():
            values = dict(row._mapping) | {"version": row.version + 1}
            session.record(registered(values, premises.get(key, ())))


def registered(values: Mapping[str, Any], premises: Sequence[Premises]) -> EnterpriseRegistered:
    """The event that carries an enterprise's particulars."""
    return EnterpriseRegistered.model_validate({**values, "premises": tuple(premises)})
