"""Approvals of inspections outside an agency's own area over HTTP (QZ-18)."""

from fastapi import Response

from wurao.common.paging import CursorParam, LimitParam, Page, page
from wurao.common.unit import IfMatch, Read, Write, check_match, etag
from wurao.common.unit import router as unit_router
from wurao.common.web import Now
from wurao.scheduling.access import CanApproveOutside, CanRead
from wurao.scheduling.repository import area_approvals as repository
from wurao.scheduling.schemas.area_approvals import AreaApprovalIn, AreaApprovalOut
from wurao.scheduling.tables import AreaApproval
from wurao.scheduling.usecases import area_approvals as usecases

router = unit_router("area-approvals")


@router.post("/area-approvals", status_code=201)
async def approve(
    body: AreaApprovalIn, who: CanApproveOutside, session: Write, clock: Now, response: Response
) -> AreaApprovalOut:
    """Let an agency inspect an enterprise outside its area: the common superior's head, or those who saw the paper."""
    approval = await usecases.approve(session, who, **body.model_dump(), now=clock.now(), today=clock.today())
    response.headers["Location"] = f"/v1/area-approvals/{approval.approval_id}"
    return _answer(approval, response)


@router.get("/area-approvals")
async def list_approvals(
    who: CanRead, session: Read, cursor: CursorParam = None, limit: LimitParam = 50
) -> Page[AreaApprovalOut]:
    """Approvals as the local government, the inspecting agency and the superior see them."""
    query = repository.listed(who.scope())
    rows, following = await page(session, query, AreaApproval.approval_id, cursor=cursor, limit=limit)
    return Page(items=[AreaApprovalOut.model_validate(row) for row in rows], next_cursor=following)


@router.post("/area-approvals/{approval_id}/withdraw")
async def withdraw(
    approval_id: str, who: CanApproveOutside, session: Write, clock: Now, if_match: IfMatch, response: Response
) -> AreaApprovalOut:
    """Take an approval back."""
    approval = await repository.get(session, approval_id)
    check_match(approval.version, if_match)
    return _answer(await usecases.withdraw(session, approval, who, clock.now()), response)


def _answer(approval: AreaApproval, response: Response) -> AreaApprovalOut:
    etag(response, approval.version)
    return AreaApprovalOut.model_validate(approval)
