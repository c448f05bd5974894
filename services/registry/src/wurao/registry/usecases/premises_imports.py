"""Enter premises in bulk; their enterprises are announced again with all premises that they have.

Premises of a merged enterprise are entered for the survivor.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row

from wurao.common.auth import Principal
from wurao.common.bulk import insert_rows, update_rows
from wurao.common.contracts.registry import EnterpriseRegistered
from wurao.common.db import WriteSession
from wurao.common.imports import Checked, ImportReport
from wurao.common.loading import Incoming, Seen, load
from wurao.common.outbox import stage_bodies
from wurao.registry.repository import enterprises as repository
from wurao.registry.repository import imports
from wurao.registry.repository.bulk import chunked
from wurao.registry.schemas.enterprises import PremisesRowIn
from wurao.registry.tables import Enterprise, PremisesRow
from wurao.registry.usecases.enterprise_imports import ENTERPRISES, announcement
from wurao.registry.usecases.rows import referring, within_area

COLUMNS = tuple(PremisesRowIn.model_fields)
PREMISES = PremisesRow.metadata.tables["premises"]


async def enter(
    session: WriteSession, incoming: Incoming[PremisesRowIn], who: Principal, seen: Seen | None = None
) -> ImportReport:
    """Enter premises of the caller's area, or change known ones."""
    await imports.begin(session, "premises")
    return await load(session, incoming, _Loader(session, who), seen)


@dataclass(slots=True)
class _Loader:
    session: WriteSession
    who: Principal
    known: dict[str, Row[*tuple[Any, ...]]] = field(default_factory=dict)
    owners: set[str] = field(default_factory=set)
    survivors: dict[str, str] = field(default_factory=dict)

    def prepare(self, piece: Checked[PremisesRowIn]) -> None:
        """Nothing."""

    async def look(self, piece: Checked[PremisesRowIn]) -> Checked[PremisesRowIn]:
        """Rows of unknown enterprises, or of premises outside the caller's area or outside now, are errors."""
        message = "没有这个经营主体"
        piece = within_area(piece, self.who, lambda row: row.area)
        piece = await referring(self.session, piece, "enterprise_id", Enterprise.enterprise_id, message)
        self.survivors = await imports.survivors(self.session, sorted({row.enterprise_id for row in piece.good}))
        self.known = await imports.known_premises(self.session, [row.premises_id for row in piece.good])
        return within_area(piece, self.who, self._area_now) if self.known else piece

    def _area_now(self, row: PremisesRowIn) -> str | None:
        before = self.known.get(row.premises_id)
        return before.area if before else None

    async def enter(self, piece: Checked[PremisesRowIn], made: None) -> None:
        """Write what is new or differs."""
        fresh = [row for row in piece.good if row.premises_id not in self.known]
        changed = [row for row in piece.good if row.premises_id in self.known and self._differs(row)]
        await insert_rows(self.session, PREMISES, COLUMNS, map(self._values, fresh))
        if changed:
            changed.sort(key=lambda row: row.premises_id)
            await update_rows(self.session, PREMISES, "premises_id", COLUMNS[1:], map(self._values, changed))
        self.owners.update(self._owner(row) for row in fresh + changed)
        self.owners.update(self.known[row.premises_id].enterprise_id for row in changed)

    def _differs(self, row: PremisesRowIn) -> bool:
        before = self.known[row.premises_id]._mapping
        return any(before[name] != value for name, value in zip(COLUMNS, self._values(row), strict=True))

    def _owner(self, row: PremisesRowIn) -> str:
        return self.survivors.get(row.enterprise_id, row.enterprise_id)

    def _values(self, row: PremisesRowIn) -> tuple[Any, ...]:
        return tuple(self._owner(row) if name == "enterprise_id" else row.__dict__[name] for name in COLUMNS)

    async def finish(self) -> None:
        """Raise the versions of enterprises whose premises changed, in the order of their ids, and announce them."""
        for ids in chunked(sorted(self.owners)):
            await _announce(self.session, ids)


async def _announce(session: WriteSession, enterprise_ids: Sequence[str]) -> None:
    owners = await imports.locked(session, enterprise_ids)
    premises = await repository.premises_of(session, enterprise_ids)
    raised = [dict(row._mapping) | {"version": row.version + 1} for row in owners.values()]
    versions = ((row["enterprise_id"], row["version"]) for row in raised)
    await update_rows(session, ENTERPRISES, "enterprise_id", ["version"], versions)
    events = [(row["enterprise_id"], announcement(row, premises.get(row["enterprise_id"], ()))) for row in raised]
    await stage_bodies(session, EnterpriseRegistered, events)
