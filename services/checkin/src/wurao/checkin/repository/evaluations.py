"""Evaluations and the sums that agencies may read."""

from sqlalchemy import select

from wurao.checkin.domain.evaluation import Rating, Tally
from wurao.checkin.tables import Evaluation, EvaluationTally
from wurao.common.db import ReadSession, WriteSession
from wurao.common.upsert import insert_or_nothing

_COLUMNS = tuple(column.key for column in Evaluation.__table__.columns)


async def insert(session: WriteSession, row: Evaluation) -> bool:
    """Insert an evaluation unless its visit has one; the database decides between two at once."""
    return await insert_or_nothing(session, Evaluation, {name: getattr(row, name) for name in _COLUMNS}, "visit_id")


async def add_to_tally(session: WriteSession, agency_id: str, area: str, rating: Rating) -> None:
    """Count a rating; the row is locked, so that two at once both count."""
    empty = {"agency_id": agency_id, "area": area, "released": {}, "pending": {}}
    await insert_or_nothing(session, EvaluationTally, empty, "agency_id")
    query = select(EvaluationTally).where(EvaluationTally.agency_id == agency_id).with_for_update()
    row = (await session.scalars(query)).one()
    tally = Tally(row.released, row.pending).add(rating)
    row.released, row.pending = dict(tally.released), dict(tally.pending)
    await session.flush()


async def tally(session: ReadSession, agency_id: str) -> Tally:
    """An agency's tally; an empty one before the first evaluation."""
    row = await session.get(EvaluationTally, agency_id)
    return Tally(row.released, row.pending) if row else Tally({}, {})
