"""Find enterprises by what people type: bounded work, however common or rare the text is (ADR 13)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Row,
    Select,
    String,
    and_,
    cast,
    column,
    delete,
    select,
    table,
    text,
    update,
)

from wurao.common.db import ReadSession, WriteSession
from wurao.registry.domain.search import Wanted, area_grams, search_row
from wurao.registry.repository.bulk import insert_all
from wurao.registry.repository.enterprises import Query, Sight
from wurao.registry.tables import Enterprise, EnterpriseSearch, FormerCode, FormerName

WALK = 4_000
"""Names that are read one by one before the index is asked: common fragments are found there."""
NAMED, CODED, CANDIDATES, FILTERED = 200, 200, 200, 2_000
ENOUGH = 60
"""Found on the walk, so many make the index unnecessary."""

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

    @property
    def beside_area(self) -> bool:
        """Tell whether there is a filter that the grams do not know."""
        return self != Filters(area=self.area) or len(self.area) > 6


def listed(sight: Sight, filters: Filters) -> Select[Enterprise]:
    """Enterprises within a caller's sight, but for those merged into others."""
    return filters.narrow(sight.narrow(select(Enterprise))).where(Enterprise.merged_into.is_(None))


async def candidates(
    session: ReadSession, sought: Wanted, code: str, sight: Sight, filters: Filters
) -> tuple[Sequence[Row[str, str]], bool]:
    """Ids and names that may match, and whether there may be more than were looked at."""
    area = max(sight.area or "", filters.area, key=len)
    beside = filters.beside_area or len(area) > 6
    ids = await _coded(session, code) if code else []
    capped = False
    if sought.key:
        ids += await _named(session, sought.key)
        found, capped = await _containing(session, sought, area, FILTERED if beside else CANDIDATES)
        ids += found
    query = select(Enterprise.enterprise_id, Enterprise.name).where(Enterprise.enterprise_id.in_(dict.fromkeys(ids)))
    rows = (await session.execute(filters.narrow(sight.narrow(query)))).all()
    return rows, capped


async def _coded(session: ReadSession, code: str) -> list[str]:
    """Enterprises whose code, or an old one, begins so. Digits come before letters in every collation."""
    first, last = code.ljust(18, "0"), code.ljust(18, "Z")
    query = select(Enterprise.enterprise_id).where(
        Enterprise.enterprise_id.between(first, last), Enterprise.merged_into.is_(None)
    )
    found = [*(await session.scalars(query.order_by(Enterprise.enterprise_id).limit(CODED)))]
    old = select(FormerCode.enterprise_id).where(FormerCode.code.between(code, code.ljust(18, "Z")))
    return [*found, *(await session.scalars(old.order_by(FormerCode.code).limit(CODED)))]


async def _named(session: ReadSession, key: str) -> list[str]:
    """Enterprises whose name begins so, the one of just that name first."""
    name = EnterpriseSearch.name_key
    query = select(EnterpriseSearch.enterprise_id).where(name >= key, name < key + _LAST)
    return [*(await session.scalars(query.order_by(name).limit(NAMED)))]


async def _containing(session: ReadSession, sought: Wanted, area: str, cap: int) -> tuple[list[str], bool]:
    found = [*(await session.scalars(_walk(sought, area).limit(cap)))]
    if len(found) >= min(cap, ENOUGH) or not (sought.grams or sought.beginning):
        return found, len(found) >= ENOUGH
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    indexed = _sqlite(sought, area, cap) if is_sqlite else _postgres(sought, area, cap)
    found = [*(await session.scalars(indexed))]
    return found, len(found) >= cap


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


def _postgres(sought: Wanted, area: str, cap: int) -> Select[str]:
    """Through the GIN index; as a materialised part the planner weighs it by itself, not for its first rows."""
    parts = [f"'{gram}'" for gram in (*sought.grams, *_area_grams(area))]
    if sought.beginning:
        parts.append(f"'{sought.beginning}':*")
    matching = text("array_to_tsvector(string_to_array(enterprise_search.grams, ' ')) @@ cast(:sought as tsquery)")
    hits = select(EnterpriseSearch.enterprise_id).where(matching.bindparams(sought=" & ".join(parts)))
    found = hits.cte("hits").prefix_with("materialized", dialect="postgresql")
    return select(found.c.enterprise_id).limit(cap)


def _sqlite(sought: Wanted, area: str, cap: int) -> Select[str]:
    """Through the FTS5 table, which stops at the cap by itself."""
    parts = [f'"{gram}"' for gram in (*sought.grams, *_area_grams(area))]
    if sought.beginning:
        parts.append(f'"{sought.beginning}" *')
    matching = text("enterprise_search_fts match :sought").bindparams(sought=" AND ".join(parts))
    hits = table("enterprise_search_fts", column("rowid", Integer))
    own = EnterpriseSearch.search_id == hits.c.rowid
    return select(EnterpriseSearch.enterprise_id).join_from(hits, EnterpriseSearch, own).where(matching).limit(cap)


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
