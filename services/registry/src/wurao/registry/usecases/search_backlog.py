"""Index for the search what long imports brought, piece by piece after them (ADR 19).

An enterprise is locked while its row for the search is made, so that a rename, move or merge at the same time comes
either before, and is read, or after, and finds the row.
"""

import asyncio
from collections.abc import Sequence

from wurao.common.bulk import Packed, pack
from wurao.common.contracts.shared import JsonObject
from wurao.common.db import Database, WriteSession
from wurao.common.ids import new_id
from wurao.common.jobs import Job, Progress, submit
from wurao.registry.domain.search import search_row
from wurao.registry.repository import imports
from wurao.registry.repository import search_backlog as repository
from wurao.registry.repository.bulk import insert_all
from wurao.registry.repository.enterprise_search import former_names
from wurao.registry.tables import EnterpriseSearch, SearchBacklog

JOB = "indexing"
OWNER = "registry"
COLUMNS = ("enterprise_id", "name_key", "grams")
TABLE = EnterpriseSearch.metadata.tables["enterprise_search"]


async def leave(session: WriteSession, enterprise_ids: Sequence[str]) -> None:
    """Leave enterprises to be indexed after the transaction; `request` has it done."""
    await insert_all(session, SearchBacklog, [{"backlog_id": new_id(), "enterprise_ids": list(enterprise_ids)}])


async def request(session: WriteSession, owner: str) -> Job:
    """Queue the indexing of all that waits."""
    return await submit(session, JOB, owner, {})


async def resume(session: WriteSession) -> int:
    """Queue it where something waits and no job is to see to it, such as after one that failed."""
    if not await repository.waits(session) or await repository.under_way(session, JOB):
        return 0
    await request(session, OWNER)
    return 1


async def indexing_job(_: JsonObject, progress: Progress) -> JsonObject:
    """The job; it has no parameters, and repeating it changes nothing."""
    return {"indexed": await drain(progress)}


async def drain(progress: Progress) -> int:
    """Index all that waits, each piece in a transaction of its own; how many enterprises."""
    async with progress.db.read() as session:
        pieces = await repository.size(session)
    done = indexed = 0
    while (found := await _next(progress.db)) is not None:
        done, indexed = done + 1, indexed + found
        await progress.report(done, max(done, pieces), f"已为 {indexed} 户建立检索")
    return indexed


async def _next(db: Database) -> int | None:
    async with db.write() as session:
        piece = await repository.first(session)
        if piece is None:
            return None
        await imports.give_room(session)
        indexed = await _index(session, piece.enterprise_ids)
        await session.delete(piece)
        return indexed


async def _index(session: WriteSession, enterprise_ids: Sequence[str]) -> int:
    found = await imports.locked(session, enterprise_ids)
    known = await repository.indexed(session, enterprise_ids)
    rows = [row for row in found.values() if row.merged_into is None and row.enterprise_id not in known]
    names = await former_names(session, [row.enterprise_id for row in rows if row.version > 1])

    def packed() -> Packed:
        former = {key: [each.name for each in kept] for key, kept in names.items()}
        made = (
            search_row(row.enterprise_id, row.name, row.area, former.get(row.enterprise_id, ())).values()
            for row in rows
        )
        return pack(session, map(tuple, made))

    if rows:
        await imports.insert_new(session, TABLE, COLUMNS, await asyncio.to_thread(packed))
    return len(rows)
