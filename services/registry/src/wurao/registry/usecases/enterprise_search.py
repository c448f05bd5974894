"""Search enterprises for people: the best match first, by name, former name, code or pinyin initials."""

import re

from wurao.common.auth import Principal
from wurao.common.db import ReadSession
from wurao.common.errors import Malformed
from wurao.registry.domain.search import rank, wanted
from wurao.registry.repository import enterprise_search as repository
from wurao.registry.repository.enterprise_search import Filters
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
    sought, code = wanted(text), text.upper()
    coded = code if _CODE.fullmatch(code) else ""
    sight = await sight_of(session, who)
    rows, capped = await repository.candidates(session, sought, coded, sight, filters)
    ranked = {}
    unnamed = []
    for row in rows:
        place = (0, 0, 0) if coded and row.enterprise_id.startswith(coded) else rank(sought, row.name)
        if place is None:
            unnamed.append(row)
        else:
            ranked[row.enterprise_id] = place
    former = await repository.former_names(session, [row.enterprise_id for row in unnamed]) if unnamed else {}
    old = await repository.old_codes(session, [row.enterprise_id for row in unnamed]) if coded and unnamed else {}
    for row in unnamed:
        if any(each.startswith(coded) for each in old.get(row.enterprise_id, ())):
            ranked[row.enterprise_id] = (1, 0, 0)
            continue
        place = rank(sought, row.name, [each.name for each in former.get(row.enterprise_id, ())])
        if place is not None:
            ranked[row.enterprise_id] = place
    best = sorted(ranked, key=lambda enterprise_id: (ranked[enterprise_id], enterprise_id))
    shown = best[:MOST][start : start + limit]
    known = await by_ids(session, shown)
    return Found(
        items=[EnterpriseBrief.model_validate(known[enterprise_id]) for enterprise_id in shown],
        next_cursor=f"best{start + limit}" if start + limit < min(len(best), MOST) else None,
        capped=capped or len(best) > MOST,
    )


def _start(cursor: str | None) -> int:
    if cursor is None:
        return 0
    match = _CURSOR.fullmatch(cursor)
    if match is None:
        message = "分页游标无效，请从第一页重新读取"
        fields = [{"field": "cursor", "code": "bad_cursor", "message": message}]
        raise Malformed(message, code="bad_cursor", fields=fields)
    return int(match[1])
