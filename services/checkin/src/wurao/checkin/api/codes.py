"""Enterprise codes over HTTP."""

from fastapi import Response
from fastapi.responses import HTMLResponse

from wurao.checkin.access import CanHoldCode
from wurao.checkin.api.shared import Signing, require_sight
from wurao.checkin.api.sign import sheet
from wurao.checkin.repository import replicas
from wurao.checkin.schemas.fields import PathId
from wurao.checkin.schemas.voices import CodeOut, RevokeIn
from wurao.checkin.signing import Codes
from wurao.checkin.tables import Enterprise
from wurao.checkin.usecases import codes as usecases
from wurao.common import qr
from wurao.common.auth import Principal
from wurao.common.db import ReadSession
from wurao.common.unit import Read, Write
from wurao.common.unit import router as unit_router
from wurao.common.web import Now

router = unit_router("codes")


async def _held(session: ReadSession, enterprise_id: str, who: Principal) -> Enterprise:
    if who.enterprise_id:
        who.require_enterprise(enterprise_id)
    enterprise = await replicas.enterprise(session, enterprise_id)
    require_sight(who, enterprise_id, enterprise.area)
    return enterprise


async def _in_force(session: ReadSession, enterprise_id: str, who: Principal) -> Enterprise:
    enterprise = await _held(session, enterprise_id, who)
    usecases.require_code(enterprise)
    return enterprise


def _out(codes: Codes, enterprise: Enterprise) -> CodeOut:
    return CodeOut(
        enterprise_id=enterprise.enterprise_id,
        token=usecases.token_of(codes, enterprise),
        serial=enterprise.code_serial,
        issued_at=enterprise.code_issued_at,
    )


@router.get("/enterprises/{enterprise_id}/code")
async def get_code(enterprise_id: PathId, who: CanHoldCode, session: Read, codes: Signing) -> CodeOut:
    """An enterprise's code as text (YZ-01)."""
    return _out(codes, await _in_force(session, enterprise_id, who))


@router.get(
    "/enterprises/{enterprise_id}/code.svg",
    response_class=Response,
    responses={200: {"content": {"image/svg+xml": {}}}},
)
async def get_code_svg(enterprise_id: PathId, who: CanHoldCode, session: Read, codes: Signing) -> Response:
    """An enterprise's code as a QR code to print."""
    token = usecases.token_of(codes, await _in_force(session, enterprise_id, who))
    return Response(qr.svg(token), media_type="image/svg+xml")


@router.get(
    "/enterprises/{enterprise_id}/code.png",
    response_class=Response,
    responses={200: {"content": {"image/png": {}}}},
)
async def get_code_png(enterprise_id: PathId, who: CanHoldCode, session: Read, codes: Signing) -> Response:
    """An enterprise's code as a QR code for a screen."""
    token = usecases.token_of(codes, await _in_force(session, enterprise_id, who))
    return Response(qr.png(token), media_type="image/png")


@router.get("/enterprises/{enterprise_id}/code.html", response_class=HTMLResponse)
async def get_code_sheet(enterprise_id: PathId, who: CanHoldCode, session: Read, codes: Signing) -> HTMLResponse:
    """An enterprise's code on a sheet to print and put at the door."""
    enterprise = await _in_force(session, enterprise_id, who)
    return HTMLResponse(sheet(enterprise, usecases.token_of(codes, enterprise)))


@router.post("/enterprises/{enterprise_id}/code/revoke", status_code=204)
async def revoke_code(enterprise_id: PathId, body: RevokeIn, who: CanHoldCode, session: Write, clock: Now) -> None:
    """Revoke an enterprise's code without a new one; no sign at its door works until one is issued."""
    await _held(session, enterprise_id, who)
    await usecases.revoke(session, enterprise_id, body.reason, clock.now())


@router.post("/enterprises/{enterprise_id}/code/reissue")
async def reissue_code(enterprise_id: PathId, who: CanHoldCode, session: Write, codes: Signing, clock: Now) -> CodeOut:
    """Replace an enterprise's code; the one at the door stops working."""
    await _held(session, enterprise_id, who)
    return _out(codes, await usecases.reissue(session, enterprise_id, clock.now()))
