"""What refusals rest on in the areas that a request is about."""

from datetime import date

from wurao.common.db import ReadSession
from wurao.common.packs import Bases
from wurao.common.policy import pack_for


class BasesOf:
    """The bases in force in each area on a day, asked for once."""

    def __init__(self, session: ReadSession, on: date) -> None:
        self._session, self._on = session, on
        self._known: dict[str, Bases] = {}

    async def area(self, area: str) -> Bases:
        """The bases of an area's pack."""
        if area not in self._known:
            self._known[area] = (await pack_for(self._session, area, self._on)).section(Bases, on=self._on)
        return self._known[area]
