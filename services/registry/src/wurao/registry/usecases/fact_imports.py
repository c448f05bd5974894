"""Enter credit facts in bulk; notices and grades follow in the same transaction.

Facts of a merged enterprise are entered for the survivor: sources go on naming the code that they know, and a file
that was imported before the merge changes nothing after it. What was entered so stays with the survivor if the merge
is undone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row

from wurao.common.auth import Principal
from wurao.common.bulk import insert_rows, update_rows
from wurao.common.db import WriteSession
from wurao.common.imports import Checked, ImportReport, RowError
from wurao.common.loading import Incoming, Seen, load
from wurao.registry.domain.facts import SETTLED
from wurao.registry.repository import grading as repository
from wurao.registry.repository import imports
from wurao.registry.repository.bulk import Values, chunked
from wurao.registry.schemas.grading import FactRowIn
from wurao.registry.tables import FactRow
from wurao.registry.usecases.displays import notice_facts
from wurao.registry.usecases.facts import kept
from wurao.registry.usecases.grading import occasion
from wurao.registry.usecases.rows import within_area
from wurao.registry.usecases.whole_list import grade_many

FACTS = FactRow.metadata.tables["facts"]


async def enter(
    session: WriteSession,
    incoming: Incoming[FactRowIn],
    who: Principal,
    today: date,
    now: datetime,
    seen: Seen | None = None,
) -> ImportReport:
    """Enter facts in bulk; enterprises that hold a grade are graded anew, the others wait for their first grading."""
    await imports.begin(session, "facts")
    return await load(session, incoming, _Loader(session, who, today, now), seen)


@dataclass(slots=True)
class _Loader:
    session: WriteSession
    who: Principal
    today: date
    now: datetime
    known: Mapping[str, Row[*tuple[Any, ...]]] = field(default_factory=dict)
    survivors: Mapping[str, str] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)

    def prepare(self, piece: Checked[FactRowIn]) -> None:
        """Nothing."""

    async def look(self, piece: Checked[FactRowIn]) -> Checked[FactRowIn]:
        """Facts to come, of unknown enterprises, of those outside the caller's area, or taken from those, are errors.

        What was repaired or taken back is remarked on: a new import does not undo it.
        """
        self.known = await imports.known_facts(self.session, [row.fact_id for row in piece.good])
        owners = {row.enterprise_id for row in piece.good} | {row.enterprise_id for row in self.known.values()}
        known = await imports.known_enterprises(self.session, sorted(owners))
        areas = {enterprise_id: area for enterprise_id, (area, _) in known.items()}
        closed = [enterprise_id for enterprise_id, (_, is_closed) in known.items() if is_closed]
        self.survivors = await imports.survivors(self.session, closed) if closed else {}
        if self.survivors:
            areas |= await imports.areas_of(self.session, sorted(set(self.survivors.values())))

        def unfit(number: int, row: FactRowIn) -> RowError | None:
            if row.occurred_on > self.today:
                return RowError(row=number, field="occurred_on", code="future", message="发生日期不得晚于今天")
            if row.enterprise_id in areas:
                return None
            return RowError(row=number, field="enterprise_id", code="unknown", message="没有这个经营主体")

        def area_now(row: FactRowIn) -> str | None:
            before = self.known.get(row.fact_id)
            return areas.get(before.enterprise_id) if before else None

        piece = piece.rejecting(unfit)
        piece = within_area(piece, self.who, lambda row: areas[self._owner(row)], "enterprise_id")
        return within_area(piece, self.who, area_now, "fact_id").remarked(self._settled) if self.known else piece

    def _settled(self, number: int, row: FactRowIn) -> RowError | None:
        before = self.known.get(row.fact_id)
        if before is None or before.ended not in SETTLED:
            return None
        return RowError(row=number, field="fact_id", code=str(before.ended), message=SETTLED[before.ended])

    async def enter(self, piece: Checked[FactRowIn], made: None) -> None:
        """Write what is new or differs; what was settled (LX-12) stays as it is."""
        fresh: list[Values] = []
        changed: list[Values] = []
        for row in piece.good:
            before = self.known.get(row.fact_id)
            if before is None:
                fresh.append(self._kept(row))
            elif before.ended not in SETTLED and self._differs(before, row):
                changed.append(self._kept(row))
                self.touched.add(before.enterprise_id)
        await _write(self.session, fresh, sorted(changed, key=lambda values: str(values["fact_id"])))
        self.touched.update(values["enterprise_id"] for values in fresh + changed)
        for chunk in chunked(fresh + changed):
            await notice_facts(self.session, [values["fact_id"] for values in chunk], self.today, self.now)
        await self.session.stage()

    def _owner(self, row: FactRowIn) -> str:
        return self.survivors.get(row.enterprise_id, row.enterprise_id)

    def _kept(self, row: FactRowIn) -> Values:
        return kept(row.__dict__ | {"enterprise_id": self._owner(row)}, "import", self.today, self.now)

    def _differs(self, before: Row[*tuple[Any, ...]], row: FactRowIn) -> bool:
        wanted = row.__dict__ | {"enterprise_id": self._owner(row)} if self.survivors else row.__dict__
        return any(before._mapping[name] != value for name, value in wanted.items())

    async def finish(self) -> None:
        """Grade the enterprises anew, in the order of their ids."""
        graded = await repository.already_graded(self.session, sorted(self.touched))
        await grade_many(self.session, graded, occasion("import", self.today, self.now))


async def _write(session: WriteSession, fresh: Sequence[Values], changed: Sequence[Values]) -> None:
    """Rows in the order in which `kept` gives the columns, the id first."""
    if fresh:
        await insert_rows(session, FACTS, tuple(fresh[0]), (tuple(values.values()) for values in fresh))
    if changed:
        rows = (tuple(values.values()) for values in changed)
        await update_rows(session, FACTS, "fact_id", tuple(changed[0])[1:], rows)
