"""Changes of visits over HTTP: made at once on a proposed visit, else asked for and approved by another person."""

from typing import Any

from fastapi import Response

from wurao.common.auth import Principal
from wurao.common.db import WriteSession
from wurao.common.paging import CursorParam, LimitParam, Page, page
from wurao.common.unit import IfMatch, Read, Write, check_match
from wurao.common.unit import router as unit_router
from wurao.common.web import Now
from wurao.scheduling.access import CanApproveVisit, CanChangeVisit, CanRead
from wurao.scheduling.api.context import Codes
from wurao.scheduling.api.visits import answer, visible
from wurao.scheduling.domain.changes import Wish
from wurao.scheduling.repository import changes as repository
from wurao.scheduling.schemas.shared import WithReason
from wurao.scheduling.schemas.visits import ChangeOut, OfficersIn, ProlongIn, RescheduleIn, VisitOut
from wurao.scheduling.tables import Visit, VisitChange
from wurao.scheduling.usecases import changing
from wurao.scheduling.usecases.visits import require_lead

router = unit_router("visits")

AWAITS: dict[int | str, dict[str, Any]] = {
    202: {"model": VisitOut, "description": "The change waits for the approval of another person (`pending_change`)"}
}


class Doing:
    """What every change of a visit needs: the visit held, who acts, the answer."""

    def __init__(self, session: WriteSession, who: Principal, clock: Now, codes: Codes, response: Response) -> None:
        self._session, self._act, self._response = session, changing.Act(who, codes, clock.now()), response

    async def visit(self, visit_id: str, if_match: int | None = None) -> Visit:
        """The visit, held. Raises NotFound, Forbidden or Stale."""
        visit = await changing.locked(self._session, visit_id)
        require_lead(visit, self._act.who)
        check_match(visit.version, if_match)
        return visit

    async def propose(self, visit_id: str, wish: Wish, if_match: int | None) -> VisitOut:
        """Ask for a change: 200 when it was made at once, 202 when it waits."""
        visit = await self.visit(visit_id, if_match)
        if not await changing.propose(self._session, visit, wish, self._act):
            self._response.status_code = 202
        return await answer(self._session, visit, self._response)


@router.post("/visits/{visit_id}/reschedule", responses=AWAITS)
async def reschedule_visit(
    visit_id: str,
    body: RescheduleIn,
    who: CanChangeVisit,
    session: Write,
    clock: Now,
    codes: Codes,
    if_match: IfMatch,
    response: Response,
) -> VisitOut:
    """Move a visit to another working day of its tasks' window."""
    doing = Doing(session, who, clock, codes, response)
    return await doing.propose(visit_id, Wish("reschedule", body.reason, day=body.date), if_match)


@router.post("/visits/{visit_id}/officers", responses=AWAITS)
async def change_officers(
    visit_id: str,
    body: OfficersIn,
    who: CanChangeVisit,
    session: Write,
    clock: Now,
    codes: Codes,
    if_match: IfMatch,
    response: Response,
) -> VisitOut:
    """Put other officers on a visit."""
    wish = Wish("officers", body.reason, remove=tuple(body.remove), add=tuple(dict.fromkeys(body.add)))
    return await Doing(session, who, clock, codes, response).propose(visit_id, wish, if_match)


@router.post("/visits/{visit_id}/prolong", responses=AWAITS)
async def prolong_visit(
    visit_id: str,
    body: ProlongIn,
    who: CanChangeVisit,
    session: Write,
    clock: Now,
    codes: Codes,
    if_match: IfMatch,
    response: Response,
) -> VisitOut:
    """Give a visit more minutes, or a later end on its day."""
    wish = Wish("prolong", body.reason, minutes=body.minutes, until=body.until)
    return await Doing(session, who, clock, codes, response).propose(visit_id, wish, if_match)


@router.post("/visits/{visit_id}/cancel", responses=AWAITS)
async def cancel_visit(
    visit_id: str,
    body: WithReason,
    who: CanChangeVisit,
    session: Write,
    clock: Now,
    codes: Codes,
    if_match: IfMatch,
    response: Response,
) -> VisitOut:
    """Cancel a visit with its tasks; a head who neither made nor approved it does so alone."""
    doing = Doing(session, who, clock, codes, response)
    return await doing.propose(visit_id, Wish("cancel", body.reason), if_match)


@router.post("/visits/{visit_id}/changes/{change_id}/approve")
async def approve_change(
    visit_id: str,
    change_id: str,
    who: CanApproveVisit,
    session: Write,
    clock: Now,
    codes: Codes,
    response: Response,
) -> VisitOut:
    """Approve a change that another person proposed: the old code is revoked, a new one issued (LX-01, QZ-09)."""
    visit = await Doing(session, who, clock, codes, response).visit(visit_id)
    change = await repository.get(session, visit_id, change_id)
    await changing.approve(session, visit, change, changing.Act(who, codes, clock.now()))
    return await answer(session, visit, response)


@router.post("/visits/{visit_id}/changes/{change_id}/refuse")
async def refuse_change(
    visit_id: str,
    change_id: str,
    body: WithReason,
    who: CanApproveVisit,
    session: Write,
    clock: Now,
    codes: Codes,
    response: Response,
) -> VisitOut:
    """Turn a change down; visit and code stay as they are."""
    visit = await Doing(session, who, clock, codes, response).visit(visit_id)
    change = await repository.get(session, visit_id, change_id)
    await changing.refuse(session, change, body.reason, changing.Act(who, codes, clock.now()))
    return await answer(session, visit, response)


@router.post("/visits/{visit_id}/changes/{change_id}/withdraw")
async def withdraw_change(
    visit_id: str,
    change_id: str,
    body: WithReason,
    who: CanChangeVisit,
    session: Write,
    clock: Now,
    codes: Codes,
    response: Response,
) -> VisitOut:
    """Take back a change that the caller proposed."""
    visit = await Doing(session, who, clock, codes, response).visit(visit_id)
    change = await repository.get(session, visit_id, change_id)
    await changing.withdraw(session, change, body.reason, changing.Act(who, codes, clock.now()))
    return await answer(session, visit, response)


@router.get("/visits/{visit_id}/history")
async def history(
    visit_id: str, who: CanRead, session: Read, cursor: CursorParam = None, limit: LimitParam = 50
) -> Page[ChangeOut]:
    """Every change of a visit, oldest first: who, when, why, old and new values, and who decided."""
    await visible(session, visit_id, who)
    rows, following = await page(
        session, repository.history(visit_id), VisitChange.change_id, cursor=cursor, limit=limit
    )
    return Page(items=[ChangeOut.model_validate(row) for row in rows], next_cursor=following)
