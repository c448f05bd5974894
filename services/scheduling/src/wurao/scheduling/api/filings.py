"""Filings over HTTP."""

from fastapi import Response

from wurao.common.unit import Write
from wurao.common.unit import router as unit_router
from wurao.common.web import Now
from wurao.scheduling.access import CanFile
from wurao.scheduling.schemas.visits import FilingIn, FilingOut
from wurao.scheduling.usecases import filings as usecases

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
    filing = await usecases.file(session, wanted, who.subject, clock.now(), clock.today())
    response.headers["Location"] = f"/v1/filings/{filing.filing_id}"
    return FilingOut.model_validate(filing)
