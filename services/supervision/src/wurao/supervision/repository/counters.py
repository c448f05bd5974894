"""Counters: added up over a transaction, written once before its commit, in one order for all writers.

Two consumers that count the same day take the rows in the same order, so they wait and never deadlock.
"""

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import ColumnElement, event, func, select, true
from sqlalchemy.orm import Session

from wurao.common.contracts.shared import Refusal
from wurao.common.db import ReadSession, WriteSession
from wurao.common.upsert import insertion
from wurao.supervision.domain.statistics import Count, add_up
from wurao.supervision.tables import Counter, RefusalText

_PENDING = "counts"


def count(session: WriteSession, *increments: Count) -> None:
    """Count in the session's transaction: with its effects or not at all."""
    if _PENDING not in session.info:
        session.info[_PENDING] = []
        statement = insertion(session, Counter)
        adding = statement.on_conflict_do_update(
            index_elements=["area", "day", "figure", "dimension"], set_={"n": Counter.n + statement.excluded.n}
        )

        def write(sync: Session) -> None:
            sums = add_up(session.info[_PENDING])
            session.info[_PENDING].clear()
            if sums:
                names = ("area", "day", "figure", "dimension")
                sync.execute(adding, [{**dict(zip(names, key, strict=True)), "n": n} for key, n in sums.items()])

        event.listen(session.sync_session, "before_commit", write)
    session.info[_PENDING].extend(increments)


async def unworded(session: ReadSession, refusals: Iterable[Refusal]) -> list[Refusal]:
    """The refusals whose rule is not kept yet, or under another citation; of one code the last."""
    latest = {refusal.code: refusal for refusal in refusals}
    known = select(RefusalText.code, RefusalText.cite).where(RefusalText.code.in_(list(latest)))
    cites = {row.code: row.cite for row in await session.execute(known)}
    return [refusal for code, refusal in sorted(latest.items()) if cites.get(code) != refusal.cite]


async def keep_rules(session: WriteSession, refusals: Iterable[Refusal]) -> None:
    """Keep how the gate words these rules."""
    for refusal in refusals:
        worded = {"clause": refusal.clause, "cite": refusal.cite, "message": refusal.message}
        statement = insertion(session, RefusalText).values(code=refusal.code, **worded)
        await session.execute(statement.on_conflict_do_update(index_elements=["code"], set_=worded))


async def sums(
    session: ReadSession, area_prefix: str, first: date | None, last: date, figures: Sequence[str] = ()
) -> dict[tuple[str, str], int]:
    """Counters of an area added up by figure and dimension, from the first day (or ever) to the last."""
    wanted: list[ColumnElement[bool]] = [
        Counter.area.startswith(area_prefix, autoescape=True),
        Counter.day <= last,
        Counter.day >= first if first else true(),
        Counter.figure.in_(figures) if figures else true(),
    ]
    query = (
        select(Counter.figure, Counter.dimension, func.sum(Counter.n))
        .where(*wanted)
        .group_by(Counter.figure, Counter.dimension)
    )
    return {(figure, dimension): int(n) for figure, dimension, n in await session.execute(query)}


async def rules(session: ReadSession) -> Sequence[RefusalText]:
    """Every rule that has refused something."""
    return (await session.scalars(select(RefusalText).order_by(RefusalText.code))).all()
