"""What the packs in force say of officers in the areas that a request is about."""

from dataclasses import replace
from datetime import date

from wurao.common.db import ReadSession
from wurao.common.packs import Bases
from wurao.common.policy import pack_for
from wurao.registry.domain import officers as rules
from wurao.registry.domain.officers import Record
from wurao.registry.domain.policy import OfficerSection
from wurao.registry.schemas.officers import OfficerRow
from wurao.registry.tables import Officer
from wurao.registry.usecases.bases import BasesOf


class OfficerLaw:
    """Bases and rules on officers in force in each area on a day, asked for once."""

    def __init__(self, session: ReadSession, on: date) -> None:
        self._session, self._on = session, on
        self._bases = BasesOf(session, on)
        self._rules: dict[str, OfficerSection] = {}

    async def bases(self, area: str) -> Bases:
        """What refusals in an area rest on."""
        return await self._bases.area(area)

    async def rules(self, area: str) -> OfficerSection:
        """The rules on officers of an area's pack."""
        if area not in self._rules:
            self._rules[area] = (await pack_for(self._session, area, self._on)).section(OfficerSection, on=self._on)
        return self._rules[area]

    async def record(self, officer: Officer) -> Record:
        """What the rules ask about an officer."""
        found = qualifications(officer, await self.rules(officer.area))
        return replace(found, standing=officer.standing, suspended_until=officer.suspended_until)


def qualifications(row: OfficerRow | Officer, law: OfficerSection) -> Record:
    """What speaks for or against a certificate, without a standing."""
    return Record(
        kind=row.kind,
        trained=row.trained,
        examined=row.examined,
        in_post=row.in_post,
        certificate_no=row.certificate_no,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        established=rules.is_established(row.employment, law),
        retires_on=row.retires_on,
    )
