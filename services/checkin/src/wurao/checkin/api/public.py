"""The page behind a code, and the same as JSON: for anybody, without a login."""

from typing import Annotated

from fastapi import Query
from starlette.responses import HTMLResponse

from wurao.checkin.access import Public
from wurao.checkin.api.page import render
from wurao.checkin.api.shared import Signing, UnscopedRead
from wurao.checkin.schemas.fields import PathId
from wurao.checkin.schemas.voices import CodeCheckIn, CodeCheckOut
from wurao.checkin.usecases import checks
from wurao.common.unit import router as unit_router
from wurao.common.web import Now

router = unit_router("public")

TokenParam = Annotated[str, Query(max_length=4096)]


@router.get("/public/code", response_class=HTMLResponse)
async def show_code(who: Public, session: UnscopedRead, codes: Signing, clock: Now, token: TokenParam) -> HTMLResponse:
    """A page in Chinese that says whether a code is genuine, and what the enterprise may do (QZ-09, QZ-11)."""
    return HTMLResponse(render(await checks.check(session, codes, token, clock.now())))


@router.get("/public/codes/{code_id}", response_class=HTMLResponse)
async def show_numbered(code_id: PathId, who: Public, session: UnscopedRead, clock: Now) -> HTMLResponse:
    """The same page by a code's number: short enough for a QR on paper or in a terminal."""
    return HTMLResponse(render(await checks.check_number(session, code_id, clock.now())))


@router.post("/public/code-checks")
async def check_code(body: CodeCheckIn, who: Public, session: UnscopedRead, codes: Signing, clock: Now) -> CodeCheckOut:
    """Whether a code is genuine, for whom and when (QZ-09)."""
    return CodeCheckOut.model_validate(await checks.check(session, codes, body.token, clock.now()))
