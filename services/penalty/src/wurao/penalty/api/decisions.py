"""Decisions, their delivery and document, and the ledger of exemptions, over HTTP."""

from fastapi import Response

from wurao.common.paging import CursorParam, LimitParam, Page, page
from wurao.common.unit import IfMatch, Read, Write, check_match, etag
from wurao.common.unit import router as unit_router
from wurao.common.web import Now
from wurao.penalty.access import CanDecide, CanHandle, CanRead
from wurao.penalty.api.cases import CaseId
from wurao.penalty.repository import cases as repository
from wurao.penalty.schemas.cases import CaseOut, DecisionIn, DeliveryIn, DocumentOut, ExemptionOut
from wurao.penalty.tables import Case
from wurao.penalty.usecases import deciding, viewing

router = unit_router("decisions")


@router.post("/cases/{case_id}/decision")
async def decide(
    case_id: CaseId, body: DecisionIn, who: CanDecide, session: Write, clock: Now, if_match: IfMatch, response: Response
) -> CaseOut:
    """Decide a case, or learn everything that stands against it (PL-33, PL-44, PL-51, DT-06, YZ-12)."""
    if if_match is not None:
        check_match((await repository.get(session, case_id)).version, if_match)
    case = await deciding.decide(session, case_id, body, who, clock)
    etag(response, case.version)
    return await viewing.view(session, case, clock)


@router.post("/cases/{case_id}/delivery")
async def deliver(
    case_id: CaseId, body: DeliveryIn, who: CanHandle, session: Write, clock: Now, response: Response
) -> CaseOut:
    """Record the delivery of a decision that was not handed over at once (PL-60)."""
    case = await deciding.deliver(session, case_id, body, who, clock)
    etag(response, case.version)
    return await viewing.view(session, case, clock)


@router.get("/cases/{case_id}/document")
async def get_document(case_id: CaseId, who: CanRead, session: Read, clock: Now) -> DocumentOut:
    """The decision's text in Chinese, with the benchmark and remedy paragraphs (LX-05)."""
    case = await viewing.readable(session, case_id, who)
    return DocumentOut.model_validate(await viewing.document(session, case, clock))


@router.get("/exemptions")
async def list_exemptions(
    who: CanRead, session: Read, cursor: CursorParam = None, limit: LimitParam = 50
) -> Page[ExemptionOut]:
    """The ledger of acts that the law did not punish, with grounds and education (DT-07)."""
    rows, following = await page(
        session, repository.not_punished(who.scope()), Case.case_id, cursor=cursor, limit=limit
    )
    return Page(items=[viewing.exemption(row) for row in rows], next_cursor=following)
