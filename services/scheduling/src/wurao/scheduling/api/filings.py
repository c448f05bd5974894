"""Filings over HTTP."""

from fastapi import Response

from wurao.common.unit import Read, Write
from wurao.common.unit import router as unit_router
from wurao.common.web import Now
from wurao.scheduling.access import CanApproveVisit, CanFile, CanRead, require_agency_or_oversight
from wurao.scheduling.api.context import Codes
from wurao.scheduling.api.visits import answer
from wurao.scheduling.repository import filings as repository
from wurao.scheduling.schemas.visits import FilingIn, FilingOut, VisitOut
from wurao.scheduling.usecases import filings as usecases
from wurao.scheduling.usecases import makeups

router = unit_router("filings")


@router.post("/filings", status_code=201)
async def file(body: FilingIn, who: CanFile, session: Write, clock: Now, response: Response) -> FilingOut:
    """File an inspection that could not wait, at the same moment or afterwards where the pack allows (CX-06, QZ-10)."""
    who.require_agency(body.agency_id)
    wanted = usecases.Wanted(
        agency_id=body.agency_id,
        enterprise_id=body.enterprise_id,
        ground=body.ground,
        source_record=body.source_record,
        officer_ids=tuple(dict.fromkeys(body.officer_ids)),
        item_ids=tuple(dict.fromkeys(body.item_ids)),
        began_at=body.began_at,
        ended_at=body.ended_at,
        entry_id=body.entry_id,
    )
    filing = await usecases.file(session, wanted, who.person, clock.now(), clock.today())
    response.headers["Location"] = f"/v1/filings/{filing.filing_id}"
    return FilingOut.model_validate(filing)


@router.get("/filings/{filing_id}")
async def get_filing(filing_id: str, who: CanRead, session: Read) -> FilingOut:
    """A filing: when what follows it is due and why, and what was approved afterwards."""
    filing = await repository.get(session, filing_id)
    require_agency_or_oversight(who, filing.agency_id, filing.area)
    return FilingOut.model_validate(filing)


@router.post("/filings/{filing_id}/approve")
async def approve_filing(
    filing_id: str, who: CanApproveVisit, session: Write, clock: Now, codes: Codes, response: Response
) -> VisitOut:
    """Approve afterwards what could not wait, and issue its code, where the pack allows it (QZ-10)."""
    filing = await repository.locked(session, filing_id)
    who.require_agency(filing.agency_id)
    visit = await makeups.approve(session, filing, who, codes, clock.now())
    return await answer(session, visit, response)
