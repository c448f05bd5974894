"""Find enterprises by what people type: bounded work, however common or rare the text is (ADR 13)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    String,
    and_,
    cast,
    column,
    delete,
    func,
    literal,
    select,
    table,
    text,
    true,
    update,
)

from wurao.common.db import ReadSession, WriteSession
from wurao.registry.domain.search import Wanted, area_grams, search_row
from wurao.registry.repository.bulk import insert_all
from wurao.registry.repository.enterprises import Query, Sight
from wurao.registry.tables import Enterprise, EnterpriseSearch, FormerCode, FormerName

WALK = 4_000
"""Names that are read one by one before the index is asked: common fragments are found there."""
ENOUGH = 60
"""So many found on the walk make the index unnecessary."""
NAMED, CANDIDATES, FILTERED = 100, 200, 300
"""At most so many come from each source, and so many hits are compared with filters that grams do not know."""
SAMPLE, COMMON, PRIME = 200, 0.1, 2**31 - 1
"""Grams that this share of the sampled names have are compared with the hits of the rarer ones (PostgreSQL)."""
LONG_CODE = 8
"""A text that long which begins with a digit and may begin a code is no name."""

_LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Filters:
    """What else an enterprise must be; `area` and `industry` are the beginnings of codes."""

    area: str = ""
    industry: str = ""
    kind: str | None = None
    size: str | None = None
    tag: str | None = None
    grade: str | None = None
    status: str | None = None
    park: str | None = None

    def narrow(self, query: Query) -> Query:
        """The query within these filters."""
        for kept, value in (
            (Enterprise.kind, self.kind),
            (Enterprise.size, self.size),
            (Enterprise.grade, self.grade),
            (Enterprise.status, self.status),
            (Enterprise.park, self.park),
        ):
            if value is not None:
                query = query.where(kept == value)
        if self.tag is not None:
            query = query.where(cast(Enterprise.tags, String).contains(f'"{self.tag}"', autoescape=True))
        if self.industry:
            query = query.where(Enterprise.industry.startswith(self.industry, autoescape=True))
        if self.area:
            query = query.where(Enterprise.area.startswith(self.area, autoescape=True))
        return query


def listed(sight: Sight, filters: Filters) -> Select[Enterprise]:
    """Enterprises within a caller's sight, but for those merged into others."""
    return filters.narrow(sight.narrow(select(Enterprise))).where(Enterprise.merged_into.is_(None))


@dataclass
class Pool:
    """What may match, id to name; `capped` tells that there may be more than were looked at."""

    names: dict[str, str] = field(default_factory=dict)
    capped: bool = False


@dataclass(frozen=True, slots=True)
class Bounds:
    """Whose search it is and what it leaves; `cap` says how many hits of an index are compared with the filters."""

    sight: Sight
    filters: Filters

    @property
    def area(self) -> str:
        """The longer beginning of area codes that applies; a caller's other area finds nothing anyway."""
        return max(self.sight.area or "", self.filters.area, key=len)

    @property
    def cap(self) -> int:
        """Grams know counties; what they do not know is read off more hits."""
        knows_all = self.filters == Filters(area=self.filters.area) and len(self.area) <= 6
        return CANDIDATES if knows_all and self.sight.enterprise_id is None else FILTERED


async def candidates(session: ReadSession, sought: Wanted, code: str, bounds: Bounds) -> Pool:
    """Names that may match: by code, by their beginning, and by what they contain, each of bounded work."""
    pool = Pool()
    if code:
        await _take(session, pool, bounds, _coded(code))
        await _take(session, pool, bounds, _formerly_coded(code))
    if not sought.key or (len(code) >= LONG_CODE and code[0].isdigit()):
        return pool
    await _take(session, pool, bounds, _named(sought.key))
    walked = await _take(session, pool, bounds, _walk(sought, bounds.area).limit(bounds.cap))
    if walked >= min(bounds.cap, ENOUGH):
        pool.capped = True
    elif sought.grams or sought.beginning:
        is_sqlite = session.get_bind().dialect.name == "sqlite"
        indexed = _sqlite(sought, bounds.area) if is_sqlite else await _postgres(session, sought, bounds.area)
        pool.capped = await _take(session, pool, bounds, indexed.limit(bounds.cap)) >= bounds.cap
    return pool


async def _take(session: ReadSession, pool: Pool, bounds: Bounds, hits: Select[str]) -> int:
    """Add those of the hits that lie within the bounds; how many hits there were before."""
    found = hits.cte("hits").prefix_with("materialized")
    count = select(func.count().label("hits")).select_from(found).subquery()
    named = select(Enterprise.enterprise_id, Enterprise.name).join(
        found, found.c.enterprise_id == Enterprise.enterprise_id
    )
    within = bounds.filters.narrow(bounds.sight.narrow(named)).limit(CANDIDATES).subquery()
    query = select(count.c.hits, within).select_from(count.outerjoin(within, true()))
    rows = (await session.execute(query)).all()
    pool.names.update((row.enterprise_id, row.name) for row in rows if row.enterprise_id is not None)
    return int(rows[0].hits)


def _coded(code: str) -> Select[str]:
    """Enterprises whose code begins so. Digits come before letters in every collation."""
    within = Enterprise.enterprise_id.between(code.ljust(18, "0"), code.ljust(18, "Z"))
    query = select(Enterprise.enterprise_id).where(within, Enterprise.merged_into.is_(None))
    return query.order_by(Enterprise.enterprise_id).limit(NAMED)


def _formerly_coded(code: str) -> Select[str]:
    """Enterprises with an old code that begins so."""
    query = select(FormerCode.enterprise_id).where(FormerCode.code.between(code, code.ljust(18, "Z")))
    return query.order_by(FormerCode.code).limit(NAMED)


def _named(key: str) -> Select[str]:
    """Enterprises whose name begins so, the one of just that name first.

    The end of the range is outside: planners think little of ranges of names, and sort all that begin so.
    """
    columns = (EnterpriseSearch.enterprise_id, EnterpriseSearch.name_key)
    name = EnterpriseSearch.name_key
    following = select(*columns).where(name >= key).order_by(name).limit(NAMED).subquery()
    return select(following.c.enterprise_id).where(following.c.name_key < key + _LAST)


def _walk(sought: Wanted, area: str) -> Select[str]:
    """Matches among the first names, in no particular order of quality, which makes common fragments cheap."""
    columns = (EnterpriseSearch.enterprise_id, EnterpriseSearch.name_key, EnterpriseSearch.grams)
    first = select(*columns).order_by(EnterpriseSearch.search_id).limit(WALK).subquery()
    return select(first.c.enterprise_id).where(_contains(first.c, sought), *_within(first.c, area))


def _contains(columns: Any, sought: Wanted) -> ColumnElement[bool]:
    if not sought.by_initials:
        return columns.name_key.contains(sought.key, autoescape=True)  # type: ignore[no-any-return]
    if sought.beginning:
        return columns.grams.contains(f" {sought.beginning}")  # type: ignore[no-any-return]
    return and_(*(columns.grams.contains(f" {gram}") for gram in sought.grams))


def _within(columns: Any, area: str) -> list[ColumnElement[bool]]:
    grams = _area_grams(area)
    return [columns.grams.contains(f"{gram} ") for gram in grams]


def _area_grams(area: str) -> Sequence[str]:
    """The narrowest gram that covers a beginning of area codes, if one does."""
    return [gram for gram in area_grams(area)[-1:] if len(gram) > 4] if len(area) >= 4 else []


async def _postgres(session: ReadSession, sought: Wanted, area: str) -> Select[str]:
    """Through the GIN index; as a materialised part the planner weighs it by itself, not for its first rows.

    Following a gram that most names have costs the index more than comparing it with the few hits of the others.
    """
    spaced = literal(" ") + EnterpriseSearch.grams + " "
    having = {f"'{gram}'": spaced.contains(f" {gram} ") for gram in (*sought.grams, *_area_grams(area))}
    if sought.beginning:
        having[f"'{sought.beginning}':*"] = spaced.contains(f" {sought.beginning}")
    asked = await _rare(session, having)
    matching = text("array_to_tsvector(string_to_array(enterprise_search.grams, ' ')) @@ cast(:sought as tsquery)")
    hits = select(EnterpriseSearch.enterprise_id).where(
        matching.bindparams(sought=" & ".join(asked)),
        *(condition for part, condition in having.items() if part not in asked),
    )
    found = hits.cte("found").prefix_with("materialized")
    return select(found.c.enterprise_id)


async def _rare(session: ReadSession, having: Mapping[str, ColumnElement[bool]]) -> list[str]:
    """The rarest of some conditions, and the others that are not common, by a sample spread over all names."""
    if len(having) == 1:
        return list(having)
    newest = select(func.max(EnterpriseSearch.search_id).label("search_id")).subquery()
    spread = select(func.generate_series(1, SAMPLE) * literal(PRIME, BigInteger) % newest.c.search_id + 1)
    sampled = EnterpriseSearch.search_id == func.any(func.array(spread.scalar_subquery()))
    counts = [func.count().filter(condition) for condition in having.values()]
    query = select(func.count(), *counts).where(sampled)
    all_of_them, *found = (await session.execute(query)).one()
    rarest, *others = sorted(zip(found, having, strict=True))
    return [rarest[1], *(part for count, part in others if count < COMMON * all_of_them)]


def _sqlite(sought: Wanted, area: str) -> Select[str]:
    """Through the FTS5 table, which stops at the cap by itself."""
    parts = [f'"{gram}"' for gram in (*sought.grams, *_area_grams(area))]
    if sought.beginning:
        parts.append(f'"{sought.beginning}" *')
    matching = text("enterprise_search_fts match :sought").bindparams(sought=" AND ".join(parts))
    hits = table("enterprise_search_fts", column("rowid", Integer))
    own = EnterpriseSearch.search_id == hits.c.rowid
    return select(EnterpriseSearch.enterprise_id).join_from(hits, EnterpriseSearch, own).where(matching)


async def former_names(session: ReadSession, enterprise_ids: Iterable[str]) -> dict[str, list[FormerName]]:
    """Former names by enterprise, the last one first."""
    query = select(FormerName).where(FormerName.enterprise_id.in_(list(enterprise_ids)))
    found: dict[str, list[FormerName]] = {}
    for row in await session.scalars(query.order_by(FormerName.used_until.desc(), FormerName.former_id.desc())):
        found.setdefault(row.enterprise_id, []).append(row)
    return found


async def old_codes(session: ReadSession, enterprise_ids: Iterable[str]) -> dict[str, list[str]]:
    """Old codes by enterprise."""
    query = select(FormerCode).where(FormerCode.enterprise_id.in_(list(enterprise_ids))).order_by(FormerCode.code)
    found: dict[str, list[str]] = {}
    for row in await session.scalars(query):
        found.setdefault(row.enterprise_id, []).append(row.code)
    return found


async def index(session: WriteSession, enterprise: Enterprise) -> None:
    """Index an enterprise anew by its present and former names; one merged into another is not found any more."""
    enterprise_id = enterprise.enterprise_id
    is_own = EnterpriseSearch.enterprise_id == enterprise_id
    if enterprise.merged_into is not None:
        await session.execute(delete(EnterpriseSearch).where(is_own))
        return
    former = (await former_names(session, [enterprise_id])).get(enterprise_id, [])
    row = search_row(enterprise_id, enterprise.name, enterprise.area, [each.name for each in former])
    known = await session.scalar(select(EnterpriseSearch.search_id).where(is_own))
    if known is None:
        await insert_all(session, EnterpriseSearch, [dict(row)])
    else:
        await session.execute(update(EnterpriseSearch).where(is_own).values(**row))
