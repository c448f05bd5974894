"""Officers over HTTP."""

from typing import Annotated, Literal

from fastapi import Path, Query, Response

from wurao.common.auth import Principal
from wurao.common.db import WriteSession
from wurao.common.importing import IMPORT_BODY
from wurao.common.imports import Checked
from wurao.common.paging import CursorParam, LimitParam, Page, page
from wurao.common.unit import IfMatch, Read, Write, check_match, etag
from wurao.common.unit import router as unit_router
from wurao.common.web import Now
from wurao.registry.access import (
    CanCertify,
    CanChangeStanding,
    CanImport,
    CanRead,
    CanSeeReviews,
    require_authority_over,
    stands_above,
)
from wurao.registry.api.uploads import rows_of
from wurao.registry.domain.officers import require_other
from wurao.registry.repository import officers as repository
from wurao.registry.schemas.base import Identifier
from wurao.registry.schemas.officers import (
    Because,
    Certificate,
    Kind,
    OfficerImportReport,
    OfficerOut,
    OfficerRow,
    Reviewed,
    Suspension,
)
from wurao.registry.tables import Officer
from wurao.registry.usecases import officers as usecases

router = unit_router("officers")

OfficerId = Annotated[Identifier, Path()]
Officers = Annotated[Checked[OfficerRow], rows_of(OfficerRow, lambda row: row.officer_id)]


@router.post("/officers/import", openapi_extra=IMPORT_BODY)
async def import_officers(who: CanImport, rows: Officers, session: Write, clock: Now) -> OfficerImportReport:
    """Enter officers from CSV or NDJSON; who does not qualify is recorded without a certificate (DT-02, QZ-02)."""
    return await usecases.enter(session, rows, who, clock.today())


@router.get("/officers")
async def list_officers(
    who: CanRead,
    session: Read,
    agency_id: Annotated[Identifier | None, Query()] = None,
    standing: Annotated[Literal["recorded", "certified", "suspended", "exited"] | None, Query()] = None,
    kind: Annotated[Kind | None, Query()] = None,
    cursor: CursorParam = None,
    limit: LimitParam = 50,
) -> Page[OfficerOut]:
    """Officers and auxiliaries of the caller's agency or area."""
    query = repository.listed(who.scope(), agency_id=agency_id, standing=standing, kind=kind)
    rows, following = await page(session, query, Officer.officer_id, cursor=cursor, limit=limit)
    return Page(items=[OfficerOut.model_validate(row) for row in rows], next_cursor=following)


@router.get("/officers/review")
async def review_officers(
    who: CanSeeReviews, session: Read, clock: Now, cursor: CursorParam = None, limit: LimitParam = 50
) -> Page[Reviewed]:
    """Certificates that ought to be withdrawn, for the periodic review (DT-02)."""
    today = clock.today()
    query = repository.doubtful(who.scope(), today)
    rows, following = await page(session, query, Officer.officer_id, cursor=cursor, limit=limit)
    items = [
        Reviewed(
            officer_id=officer.officer_id,
            name=officer.name,
            agency_id=officer.agency_id,
            standing=officer.standing,
            reasons=reasons,
        )
        for officer, reasons in zip(rows, await usecases.doubts(session, rows, today), strict=True)
        if reasons
    ]
    return Page(items=items, next_cursor=following)


@router.get("/officers/{officer_id}")
async def get_officer(officer_id: OfficerId, who: CanRead, session: Read, response: Response) -> OfficerOut:
    """An officer of the caller's agency or area."""
    officer = await repository.seen(session, officer_id, who.scope())
    etag(response, officer.version)
    return OfficerOut.model_validate(officer)


@router.post("/officers/{officer_id}/certify")
async def certify_officer(
    officer_id: OfficerId,
    body: Certificate,
    who: CanCertify,
    session: Write,
    clock: Now,
    if_match: IfMatch,
    response: Response,
) -> OfficerOut:
    """Issue a certificate; refused without training, examination and post (DT-02)."""
    await changeable(session, officer_id, who, if_match)
    return _shown(await usecases.certify(session, officer_id, body, who.subject, clock.now()), response)


@router.post("/officers/{officer_id}/suspend")
async def suspend_officer(
    officer_id: OfficerId,
    body: Suspension,
    who: CanChangeStanding,
    session: Write,
    clock: Now,
    if_match: IfMatch,
    response: Response,
) -> OfficerOut:
    """Suspend a certificate (DT-18); every door refuses the officer within seconds."""
    await changeable(session, officer_id, who, if_match)
    officer = await usecases.suspend(
        session, officer_id, body.reason, body.until, who.subject, clock.now(), above=stands_above(who)
    )
    return _shown(officer, response)


@router.post("/officers/{officer_id}/reinstate")
async def reinstate_officer(
    officer_id: OfficerId,
    body: Because,
    who: CanChangeStanding,
    session: Write,
    clock: Now,
    if_match: IfMatch,
    response: Response,
) -> OfficerOut:
    """Lift a suspension; refused while the conditions of DT-02 are not met, and to the agency if it came from above."""
    await changeable(session, officer_id, who, if_match)
    officer = await usecases.reinstate(
        session, officer_id, body.reason, who.subject, clock.now(), above=stands_above(who)
    )
    return _shown(officer, response)


@router.post("/officers/{officer_id}/exit")
async def exit_officer(
    officer_id: OfficerId,
    body: Because,
    who: CanChangeStanding,
    session: Write,
    clock: Now,
    if_match: IfMatch,
    response: Response,
) -> OfficerOut:
    """Withdraw the certificate for good (YZ-10)."""
    await changeable(session, officer_id, who, if_match)
    officer = await usecases.leave(session, officer_id, body.reason, clock.today(), who.subject, clock.now())
    return _shown(officer, response)


async def changeable(session: WriteSession, officer_id: str, who: Principal, if_match: int | None = None) -> Officer:
    """The officer for a change by somebody else with authority. Raises NotFound, Forbidden and Stale."""
    officer = await repository.get(session, officer_id)
    require_authority_over(who, officer.agency_id, officer.area)
    require_other(officer_id, who.officer_id, who.subject)
    check_match(officer.version, if_match)
    return officer


def _shown(officer: Officer, response: Response) -> OfficerOut:
    etag(response, officer.version)
    return OfficerOut.model_validate(officer)
