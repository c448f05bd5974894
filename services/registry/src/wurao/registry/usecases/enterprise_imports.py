"""Enter enterprises in bulk. Rows that change nothing neither write nor announce anything.

New enterprises are copied piece by piece while the upload is still being checked. Rows of known ones wait until its
end: then those that differ are locked in the order of their ids, so that an import and other work on many
enterprises never wait for each other. Records that are closed stay as they are: a row of a merged enterprise is an
error that names the survivor, and so is a row that would change a deregistered one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from operator import attrgetter
from typing import Any, NamedTuple

from pydantic_core import to_json
from sqlalchemy import Row

from wurao.common.bulk import Bind, Packed, binders, is_postgres, pack, update_rows
from wurao.common.contracts.registry import EnterpriseRegistered
from wurao.common.contracts.shared import Premises
from wurao.common.db import WriteSession
from wurao.common.ids import new_id
from wurao.common.imports import PIECE, Checked, ImportReport, RowError
from wurao.common.loading import Incoming, Seen, load
from wurao.common.outbox import pack_bodies, stage_bodies, stage_packed
from wurao.registry.domain.enterprises import differences, verb_of
from wurao.registry.domain.search import search_row
from wurao.registry.repository import enterprises as repository
from wurao.registry.repository import imports
from wurao.registry.repository.bulk import Values, chunked, insert_all
from wurao.registry.repository.enterprise_search import former_names
from wurao.registry.schemas.enterprises import EnterpriseRow
from wurao.registry.tables import Enterprise, EnterpriseDeed, FormerName
from wurao.registry.usecases import search_backlog
from wurao.registry.usecases.grading import grade, occasion
from wurao.registry.usecases.lives import Act
from wurao.registry.usecases.rows import within_area

PARTICULARS = tuple(EnterpriseRow.model_fields)
SEARCHED = ("enterprise_id", "name_key", "grams")
PLAIN = tuple(name for name in PARTICULARS if name not in ("registered_on", "tags"))
NEW = {"status": "registered", "version": 1}
COLUMNS = (*PLAIN, "registered_on", "tags", *NEW)
PLAIN_OF = attrgetter(*PLAIN)
ENTERPRISES = Enterprise.metadata.tables["enterprises"]
SEARCH = Enterprise.metadata.tables["enterprise_search"]
ANNOUNCED = tuple(name for name in EnterpriseRegistered.model_fields if name in PARTICULARS)
ANNOUNCED_OF = attrgetter(*ANNOUNCED)
FIRST = {name: field.get_default() for name, field in EnterpriseRegistered.model_fields.items()} | NEW
HELD = 5_000
_OPEN = (None, False)

_event_of = EnterpriseRegistered.__pydantic_validator__.validate_python
_json_of = EnterpriseRegistered.__pydantic_serializer__.to_json


async def enter(
    session: WriteSession, incoming: Incoming[EnterpriseRow], act: Act, seen: Seen | None = None
) -> ImportReport:
    """Enter enterprises of the caller's area, or change known ones; each new or changed one is announced."""
    await imports.begin(session, "enterprises")
    binds = binders(session, ENTERPRISES, ("registered_on", "tags"))
    loader = _Loader(session, act, binds)
    report = await load(session, incoming, loader, seen)
    return report.model_copy(update={"job_id": loader.job_id})


def _is_whole(piece: Checked[EnterpriseRow]) -> bool:
    """Tell whether the piece is one of a long import: what is shorter can be searched at once."""
    return piece.report.rows >= PIECE


class _News(NamedTuple):
    """New enterprises, packed for each table; those of whole pieces are indexed for the search after the import."""

    size: int
    enterprises: Packed
    search: Packed | None
    outbox: Packed


@dataclass(slots=True)
class _Loader:
    session: WriteSession
    act: Act
    binds: Sequence[Bind | None]
    known: Mapping[str, tuple[str, bool]] = field(default_factory=dict)
    held: list[EnterpriseRow] = field(default_factory=list)
    aside: bool = False
    waiting: bool = False
    job_id: str | None = None

    def prepare(self, piece: Checked[EnterpriseRow]) -> _News | None:
        """The rows as new enterprises, unless those of the piece before were rather known ones."""
        return self._news(piece.good, _is_whole(piece)) if len(self.known) <= len(piece.good) // 2 else None

    async def look(self, piece: Checked[EnterpriseRow]) -> Checked[EnterpriseRow]:
        """Rows outside the caller's area, of enterprises outside now, or against closed records, are errors."""
        piece = within_area(piece, self.act.who, lambda row: row.area)
        self.known = await imports.known_enterprises(self.session, [row.enterprise_id for row in piece.good])
        if self.known:
            piece = within_area(piece, self.act.who, lambda row: self.known.get(row.enterprise_id, _OPEN)[0])
            piece = await self._open(piece)
        return piece

    async def _open(self, piece: Checked[EnterpriseRow]) -> Checked[EnterpriseRow]:
        """Without rows of merged enterprises, and without those that would change a deregistered one."""
        ids = [row.enterprise_id for row in piece.good if self.known.get(row.enterprise_id, _OPEN)[1]]
        if not ids:
            return piece
        closed = await imports.particulars_of(self.session, ids)
        survivors = await imports.survivors(self.session, ids)

        def fault(number: int, row: EnterpriseRow) -> RowError | None:
            if row.enterprise_id in survivors:
                message = f"该档案已并入 {survivors[row.enterprise_id]}，请改报该主体"
                return RowError(row=number, field="enterprise_id", code="enterprise.merged", message=message)
            before = closed.get(row.enterprise_id)
            if before is None or not differences(before, _wanted(row))[0]:
                return None
            message = "该经营主体已经注销，档案不再变更"
            return RowError(row=number, field="enterprise_id", code="enterprise.deregistered", message=message)

        return piece.rejecting(fault)

    async def enter(self, piece: Checked[EnterpriseRow], made: _News | None) -> None:
        """Copy new enterprises; known ones wait."""
        fresh = [row for row in piece.good if row.enterprise_id not in self.known]
        if fresh:
            news = made if made and made.size == len(fresh) else self._news(fresh, _is_whole(piece))
            await _register(self.session, news)
            if news.search is None:
                await search_backlog.leave(self.session, [row.enterprise_id for row in fresh])
                self.waiting = True
        self.held += [row for row in piece.good if row.enterprise_id in self.known]
        if len(self.held) >= HELD:
            await self._make_room()

    async def finish(self) -> None:
        """Change the known ones that differ."""
        if self.aside:
            await self._put_aside()
            async for values in imports.waiting(self.session, PARTICULARS):
                await _change(self.session, values, self.act)
        else:
            await self._change_held()
        if self.waiting:
            self.job_id = (await search_backlog.request(self.session, self.act.who.subject)).job_id

    def _news(self, rows: Sequence[EnterpriseRow], indexed_later: bool) -> _News:
        bind_day, bind_tags = (bind or _as_it_is for bind in self.binds)
        tags = cache(lambda tags: bind_tags(list(tags)))
        new = tuple(NEW.values())
        columns = ((*PLAIN_OF(row), bind_day(row.registered_on), tags(row.tags), *new) for row in rows)
        found = (search_row(row.enterprise_id, row.name, row.area).values() for row in rows)
        bodies = ((row.enterprise_id, first_announcement(row)) for row in rows)
        return _News(
            len(rows),
            pack(self.session, columns),
            None if indexed_later else pack(self.session, map(tuple, found)),
            pack_bodies(self.session, EnterpriseRegistered, bodies),
        )

    async def _make_room(self) -> None:
        if is_postgres(self.session):
            await self._put_aside()
            self.aside = True
        else:
            await self._change_held()

    async def _put_aside(self) -> None:
        rows = [[getattr(row, name) for name in PARTICULARS] for row in self.held]
        await imports.put_aside(self.session, PARTICULARS, rows)
        self.held = []

    async def _change_held(self) -> None:
        for rows in chunked(sorted(self.held, key=lambda row: row.enterprise_id)):
            await _change(self.session, [_wanted(row) for row in rows], self.act)
        self.held = []


async def _register(session: WriteSession, news: _News) -> None:
    await imports.insert_new(session, ENTERPRISES, COLUMNS, news.enterprises)
    if news.search is not None:
        await imports.insert_new(session, SEARCH, SEARCHED, news.search)
    await stage_packed(session, news.outbox)


def first_announcement(row: EnterpriseRow) -> str:
    """What `announcement` would say of a new enterprise; the row is valid, so that the event need not be checked."""
    return to_json({**FIRST, **dict(zip(ANNOUNCED, ANNOUNCED_OF(row), strict=True))}).decode()


def _wanted(row: EnterpriseRow) -> Values:
    return row.__dict__ | {"tags": list(row.tags)}


def _as_it_is(value: Any) -> Any:
    return value


async def _change(session: WriteSession, rows: Sequence[Values], act: Act) -> None:
    """Change known enterprises, given in the order of their ids, where a particular differs and the record is open."""
    found = await imports.locked(session, [row["enterprise_id"] for row in rows])
    changes = [
        change
        for row in rows
        if (change := _Change(found[row["enterprise_id"]], row)).differs and change.before.status != "deregistered"
    ]
    if not changes:
        return
    premises = await repository.premises_of(session, [change.enterprise_id for change in changes])
    columns = (*PARTICULARS[1:], "version")
    values = ([change.enterprise_id, *map(change.after.get, columns)] for change in changes)
    await update_rows(session, ENTERPRISES, "enterprise_id", columns, values)
    await _keep_history(session, changes, act)
    await _find_anew(session, [change for change in changes if {"name", "area"} & change.differs.keys()])
    events = [
        (change.enterprise_id, announcement(change.after, premises.get(change.enterprise_id, ()))) for change in changes
    ]
    await stage_bodies(session, EnterpriseRegistered, events)
    moved = [change.enterprise_id for change in changes if "area" in change.differs and change.before.grade is not None]
    await grade(session, moved, occasion("move", act.today, act.now))


class _Change:
    """An enterprise as it is and as a row wants it."""

    def __init__(self, before: Row[*tuple[Any, ...]], row: Values) -> None:
        self.enterprise_id: str = before.enterprise_id
        self.before = before
        self.differs, self.wanted = differences(dict(before._mapping), row)
        moved_from = self.differs.get("area")
        self.after = row | {"status": before.status, "version": before.version + 1, "moved_from": moved_from}


async def _keep_history(session: WriteSession, changes: Sequence[_Change], act: Act) -> None:
    deeds = [
        {
            "deed_id": new_id(),
            "enterprise_id": change.enterprise_id,
            "verb": verb_of(change.differs),
            "effective_on": act.today,
            "reason": "批量导入",
            "before": change.differs,
            "after": change.wanted,
            "done_by": act.who.subject,
            "known_at": act.now,
        }
        for change in changes
    ]
    await insert_all(session, EnterpriseDeed, deeds)
    former = [
        {
            "former_id": new_id(),
            "enterprise_id": change.enterprise_id,
            "name": change.before.name,
            "used_until": act.today,
        }
        for change in changes
        if "name" in change.differs
    ]
    await insert_all(session, FormerName, former)


async def _find_anew(session: WriteSession, changes: Sequence[_Change]) -> None:
    """Let the search find new names and areas, and the former names."""
    names = await former_names(session, [change.enterprise_id for change in changes])
    if changes:
        found = (_found(change, names.get(change.enterprise_id, ())) for change in changes)
        await update_rows(session, SEARCH, "enterprise_id", SEARCHED[1:], found)


def _found(change: _Change, former: Sequence[FormerName]) -> tuple[str, ...]:
    names = [each.name for each in former]
    return tuple(search_row(change.enterprise_id, change.after["name"], change.after["area"], names).values())


def announcement(values: Values, premises: Sequence[Premises] = ()) -> str:
    """The body of the event that carries an enterprise's particulars."""
    return _json_of(_event_of(values | {"premises": tuple(premises)})).decode()
