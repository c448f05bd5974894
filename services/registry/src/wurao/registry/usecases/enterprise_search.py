"""Search enterprises for people: the best match first, by name, former name, code or pinyin initials."""

import re

from wurao.common.auth import Principal
from wurao.common.db import ReadSession
from wurao.common.errors import Malformed
from wurao.registry.domain.search import Rank, Wanted, rank, wanted
from wurao.registry.repository import enterprise_search as repository
from wurao.registry.repository import search_backlog
from wurao.registry.repository.enterprise_search import Bounds, Filters, Pool
from wurao.registry.repository.enterprises import by_ids
from wurao.registry.schemas.enterprises import EnterpriseBrief, Found
from wurao.registry.usecases.enterprises import sight_of

MOST = 200
"""So many matches are shown of one search."""

_CODE = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2,18}")
_CURSOR = re.compile(r"best([0-9]{1,3})")


async def search(
    session: ReadSession, text: str, who: Principal, filters: Filters, cursor: str | None, limit: int
) -> Found:
    """One page of the best matches for a text. Raises Malformed for a cursor of another list."""
    start = _start(cursor)
    sought = wanted(text)
    code = text.upper() if _CODE.fullmatch(text.upper()) else ""
    bounds = Bounds(await sight_of(session, who), filters)
    pool = await repository.candidates(session, sought, code, bounds)
    ranked = await _ranked(session, sought, code, pool)
    best = sorted(ranked, key=lambda enterprise_id: (ranked[enterprise_id], enterprise_id))
    shown = best[:MOST][start : start + limit]
    known = await by_ids(session, shown)
    return Found(
        items=[EnterpriseBrief.model_validate(known[enterprise_id]) for enterprise_id in shown],
        next_cursor=f"best{start + limit}" if start + limit < min(len(best), MOST) else None,
        capped=pool.capped or len(best) > MOST,
        indexing=await search_backlog.waits(session),
    )


async def _ranked(session: ReadSession, sought: Wanted, code: str, pool: Pool) -> dict[str, Rank]:
    """How well each of the pool matches; what matches only by its grams is left out."""
    places = {
        key: (0, 0, 0) if code and key.startswith(code) else rank(sought, name) for key, name in pool.names.items()
    }
    rest = [key for key, place in places.items() if place is None]
    if rest:
        former = await repository.former_names(session, rest)
        old = await repository.old_codes(session, rest) if code else {}
        for key in rest:
            if any(each.startswith(code) for each in old.get(key, ())):
                places[key] = (1, 0, 0)
            else:
                places[key] = rank(sought, pool.names[key], [row.name for row in former.get(key, ())])
    return {key: place for key, place in places.items() if place is not None}


def _start(cursor: str | None) -> int:
    if cursor is None:
        return 0
    match = _CURSOR.fullmatch(cursor)
    if match is None:
        message = "分页游标无效，请从第一页重新读取"
        fields = [{"field": "cursor", "code": "bad_cursor", "message": message}]
        raise Malformed(message, code="bad_cursor", fields=fields)
    return int(match[1])
