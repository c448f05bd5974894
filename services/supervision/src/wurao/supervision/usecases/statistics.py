"""The figures of an area and a period."""

from datetime import date

from wurao.common import area as areas
from wurao.common.db import ReadSession
from wurao.common.errors import Malformed
from wurao.supervision.domain.figures import STOCKS, Figures, Rule, Totals, figures
from wurao.supervision.domain.titles import clause_titles
from wurao.supervision.repository import counters


def period(first: date | None, last: date | None, today: date) -> tuple[date, date]:
    """The days asked about: the year so far unless others are named. Raises Malformed when they are reversed."""
    last = last or today
    first = first or date(last.year, 1, 1)
    if last < first:
        message = "截止日不得早于起始日"
        field = {"field": "query.to", "code": "bad_period", "message": message}
        raise Malformed(message, code="bad_period", fields=[field])
    return first, last


async def published(session: ReadSession, area: str, first: date, last: date) -> Figures:
    """What events said of the period, and what was open at its end."""
    prefix = areas.prefix(area)
    in_period = Totals(await counters.sums(session, prefix, first, last))
    until_end = Totals(await counters.sums(session, prefix, None, last, STOCKS))
    rules = [Rule.model_validate(row, from_attributes=True) for row in await counters.rules(session)]
    return figures(in_period, until_end, rules, clause_titles())
