"""Enter credit facts in bulk; grades follow in the same transaction."""

from collections.abc import Sequence
from datetime import date, datetime

from wurao.common.db import WriteSession
from wurao.common.imports import Checked, ImportReport
from wurao.registry.domain.facts import SETTLED
from wurao.registry.repository import grading as repository
from wurao.registry.repository.bulk import Values, chunked, insert_all, update_all
from wurao.registry.schemas.grading import FactRowIn
from wurao.registry.tables import Enterprise, FactRow
from wurao.registry.usecases.displays import notice_facts
from wurao.registry.usecases.facts import kept
from wurao.registry.usecases.grading import grade, occasion
from wurao.registry.usecases.rows import referring


async def enter(session: WriteSession, checked: Checked[FactRowIn], today: date, now: datetime) -> ImportReport:
    """Enter facts in bulk; enterprises that hold a grade are graded anew, the others wait for their first grading."""
    message = "没有这个经营主体"
    checked = await referring(session, checked, "enterprise_id", Enterprise.enterprise_id, message)
    touched: set[str] = set()
    for chunk in chunked(checked.good):
        touched |= await _enter(session, chunk, today, now)
    graded = await repository.already_graded(session, sorted(touched))
    await grade(session, graded, occasion("import", today, now))
    return checked.report


async def _enter(session: WriteSession, rows: Sequence[FactRowIn], today: date, now: datetime) -> set[str]:
    known = await repository.known_facts(session, [row.fact_id for row in rows])
    fresh: list[Values] = []
    changed: list[Values] = []
    touched: set[str] = set()
    for row in rows:
        values, before = row.model_dump(), known.get(row.fact_id)
        if before is not None and before.ended in SETTLED:
            continue
        if before is not None and all(before._mapping[name] == value for name, value in values.items()):
            continue
        touched.update({row.enterprise_id} if before is None else {row.enterprise_id, before.enterprise_id})
        (fresh if before is None else changed).append(kept(values, "import", today, now))
    await insert_all(session, FactRow, fresh)
    await update_all(session, FactRow, "fact_id", changed)
    await notice_facts(session, [values["fact_id"] for values in fresh + changed], today, now)
    return touched
