"""Tell whether officers may enforce, by id or by the certificate that they show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from wurao.common.area import COUNTRY
from wurao.common.contracts.shared import Refusal
from wurao.common.db import ReadSession
from wurao.registry.domain import officers as rules
from wurao.registry.repository import officers as repository
from wurao.registry.tables import Agency, Officer
from wurao.registry.usecases.officer_law import OfficerLaw


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whom an id or certificate number names, and what speaks against enforcing today."""

    asked: str
    officer: Officer | None
    agency: Agency | None
    objection: Refusal | None


async def verify(
    session: ReadSession, officer_ids: Sequence[str], certificate_nos: Sequence[str], agency_id: str | None, today: date
) -> list[Verdict]:
    """A verdict on each officer and then on each certificate, in the order asked.

    The law is that of the officer's area; for somebody unknown that of the agency that asks.
    """
    by_id = await repository.known(session, list(dict.fromkeys(officer_ids)))
    by_number = await repository.by_certificate(session, certificate_nos)
    officers = [(asked, by_id.get(asked)) for asked in officer_ids]
    officers += [(asked, by_number.get(asked)) for asked in certificate_nos]
    named = [officer.agency_id for _, officer in officers if officer]
    agencies = await repository.agencies_of(session, [*named, agency_id] if agency_id else named)
    elsewhere = agencies[agency_id].area if agency_id in agencies else COUNTRY
    law = OfficerLaw(session, today)
    return [
        Verdict(
            asked,
            officer,
            agencies[officer.agency_id] if officer else None,
            await _objection(law, officer, agencies, agency_id, elsewhere, today),
        )
        for asked, officer in officers
    ]


async def _objection(
    law: OfficerLaw,
    officer: Officer | None,
    agencies: dict[str, Agency],
    agency_id: str | None,
    elsewhere: str,
    today: date,
) -> Refusal | None:
    if officer is None:
        return rules.objection(None, "", today, await law.bases(elsewhere))
    bases = await law.bases(officer.area)
    state = agencies[officer.agency_id].state
    found = rules.objection(await law.record(officer), state, today, bases)
    if found is None and agency_id is not None and officer.agency_id != agency_id:
        return rules.other_agency(bases)
    return found
