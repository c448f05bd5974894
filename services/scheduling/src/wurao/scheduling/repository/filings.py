"""Queries on filings and the approvals that follow them."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Select, literal, select, update

from wurao.common import area as areas
from wurao.common.db import ReadSession, WriteSession
from wurao.common.errors import NotFound
from wurao.scheduling.domain.visits import STARTED
from wurao.scheduling.repository.replicas import chunks
from wurao.scheduling.tables import Filing, OverdueNotice, Visit

NOTICE = "filing:"


async def get(session: ReadSession, filing_id: str) -> Filing:
    """The filing. Raises NotFound."""
    return _found(await session.get(Filing, filing_id))


async def locked(session: WriteSession, filing_id: str) -> Filing:
    """The filing as it is now, held until the transaction ends. Raises NotFound."""
    return _found(await session.scalar(_of(filing_id).with_for_update().execution_options(populate_existing=True)))


def _of(filing_id: str) -> Select[Filing]:
    return select(Filing).where(Filing.filing_id == filing_id)


def _found(filing: Filing | None) -> Filing:
    if filing is None:
        raise NotFound("没有这项报备")
    return filing


async def unapproved(session: ReadSession, area: str, *, since: datetime) -> Sequence[Filing]:
    """Inspections of an area that ended since then, were filed in time and neither approved nor told of."""
    told = select(OverdueNotice.overdue_id).where(OverdueNotice.overdue_id == literal(NOTICE) + Filing.filing_id)
    query = select(Filing).where(
        Filing.area.startswith(areas.prefix(area), autoescape=True),
        Filing.visit_id.is_(None),
        Filing.ended_at >= since,
        Filing.late.is_(False),
        ~told.exists(),
    )
    return (await session.scalars(query.order_by(Filing.filing_id))).all()


async def held_unapproved(session: WriteSession, filing_ids: Iterable[str]) -> list[str]:
    """Those of the filings that nobody approved yet, held until the transaction ends."""
    found: list[str] = []
    for part in chunks(sorted(filing_ids)):
        query = select(Filing.filing_id).where(Filing.filing_id.in_(part), Filing.visit_id.is_(None))
        found += await session.scalars(query.order_by(Filing.filing_id).with_for_update())
    return found


async def entered(session: WriteSession, filing_id: str, entry_id: str) -> None:
    """Officers entered on a filing that was there before."""
    await session.execute(
        update(Filing)
        .where(Filing.filing_id == filing_id, Filing.entry_id.is_(None))
        .values(entry_id=entry_id, version=Filing.version + 1)
    )


async def ended(session: WriteSession, entry_id: str, at: datetime) -> None:
    """An inspection that was filed is over."""
    await session.execute(
        update(Filing)
        .where(Filing.entry_id == entry_id, Filing.ended_at.is_(None))
        .values(ended_at=at, version=Filing.version + 1)
    )


async def begun_makeup(session: ReadSession, entry_id: str) -> Visit | None:
    """What was approved for an entry that was not over then."""
    found: Visit | None = await session.scalar(
        select(Visit).where(Visit.makeup_for == entry_id, Visit.state == STARTED)
    )
    return found
