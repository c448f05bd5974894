"""Off-site checks over HTTP: by the agency's people, and by the enterprise that is reminded (LX-09, CX-11)."""

from datetime import datetime
from typing import Annotated

from fastapi import Query, Response

from wurao.common.auth import Role
from wurao.common.clock import SHANGHAI
from wurao.common.contracts.shared import Finding, ItemResult
from wurao.common.errors import NotFound
from wurao.common.ids import new_id
from wurao.common.paging import CursorParam, LimitParam, Page, page
from wurao.common.unit import IfMatch, Read, Write, check_match, etag
from wurao.common.unit import router as unit_router
from wurao.common.web import Now
from wurao.scheduling.access import CanAnswer, CanCheckOffSite, CanSeeOffSite, CanWatch, oversees, require_area
from wurao.scheduling.api.context import is_head_of
from wurao.scheduling.domain.gate import TaskRequest
from wurao.scheduling.domain.off_site import share_permille
from wurao.scheduling.repository import off_site as repository
from wurao.scheduling.schemas.off_site import (
    AnswerIn,
    ConclusionIn,
    FollowUpIn,
    OffSiteOut,
    QuarterOut,
    ReminderIn,
    ShareOut,
    SharesOut,
)
from wurao.scheduling.schemas.shared import AreaCode
from wurao.scheduling.tables import OffSiteCheck
from wurao.scheduling.usecases import off_site as usecases

router = unit_router("off-site")

State = Annotated[str | None, Query(pattern="^(open|reminded|answered|concluded|followed_up)$")]
Year = Annotated[int, Query(ge=2000, le=2100)]


@router.get("/off-site")
async def list_checks(
    who: CanSeeOffSite, session: Read, state: State = None, cursor: CursorParam = None, limit: LimitParam = 50
) -> Page[OffSiteOut]:
    """Off-site checks in the caller's sight; an enterprise sees the reminders that it received."""
    rows, following = await page(
        session, repository.listed(who.scope(), state), OffSiteCheck.task_id, cursor=cursor, limit=limit
    )
    return Page(items=[OffSiteOut.model_validate(row) for row in rows], next_cursor=following)


@router.get("/off-site/share")
async def share(who: CanWatch, session: Read, area: AreaCode, year: Year) -> SharesOut:
    """The share of checks carried out off site, by quarter and agency (CX-11)."""
    require_area(who, area)
    quarters = []
    for quarter in range(1, 5):
        since = datetime(year, quarter * 3 - 2, 1, tzinfo=SHANGHAI)
        until = datetime(year + quarter // 4, quarter * 3 % 12 + 1, 1, tzinfo=SHANGHAI)
        done = await repository.done(session, area, since, until)
        off_site, on_site = sum(one for one, _ in done.values()), sum(other for _, other in done.values())
        quarters.append(
            QuarterOut(
                quarter=quarter,
                off_site=off_site,
                on_site=on_site,
                permille=share_permille(off_site, on_site),
                agencies=[
                    ShareOut(agency_id=agency_id, off_site=one, on_site=other, permille=share_permille(one, other))
                    for agency_id, (one, other) in done.items()
                ],
            )
        )
    return SharesOut(area=area, year=year, quarters=quarters)


@router.get("/off-site/{task_id}")
async def get_check(task_id: str, who: CanSeeOffSite, session: Read, response: Response) -> OffSiteOut:
    """One off-site check."""
    check = await repository.get(session, task_id)
    own = who.agency_id == check.agency_id or oversees(who, check.area)
    reminded = Role.ENTERPRISE in who.roles and who.enterprise_id == check.enterprise_id and check.reminded_at
    if not own and not reminded:
        raise NotFound("没有这次非现场检查")
    return _answer(check, response)


@router.post("/off-site/{task_id}/remind")
async def remind(
    task_id: str, body: ReminderIn, who: CanCheckOffSite, session: Write, clock: Now, response: Response
) -> OffSiteOut:
    """Tell the enterprise of a risk before anybody comes (CX-11)."""
    task = await repository.task_of(session, task_id)
    who.require_agency(task.agency_id)
    check = await usecases.remind(session, task, body.source, body.risk, who.person, clock.now())
    return _answer(check, response)


@router.post("/off-site/{task_id}/answer")
async def answer(
    task_id: str, body: AnswerIn, who: CanAnswer, session: Write, clock: Now, response: Response
) -> OffSiteOut:
    """The enterprise answers a reminder."""
    check = await repository.get(session, task_id)
    if check.enterprise_id != who.enterprise_id or check.reminded_at is None:
        raise NotFound("没有这次提醒")
    attachments = [one.model_dump() for one in body.attachments]
    return _answer(await usecases.answer(session, check, body.answer, attachments, clock.now()), response)


@router.post("/off-site/{task_id}/conclude")
async def conclude(
    task_id: str,
    body: ConclusionIn,
    who: CanCheckOffSite,
    session: Write,
    clock: Now,
    if_match: IfMatch,
    response: Response,
) -> OffSiteOut:
    """Close an off-site task with a result for each item; others recognise them (LX-09, YZ-07)."""
    task = await repository.task_of(session, task_id)
    who.require_agency(task.agency_id)
    check_match(task.version, if_match)
    done = usecases.Conclusion(
        source=body.source,
        results=[ItemResult(item_id=one.item_id, agency_id=task.agency_id, result=one.result) for one in body.results],
        findings=[Finding(finding_id=new_id(), agency_id=task.agency_id, **one.model_dump()) for one in body.findings],
        remark=body.remark,
    )
    return _answer(await usecases.conclude(session, task, done, who.person, clock.now()), response)


@router.post("/off-site/{task_id}/follow-up")
async def follow_up(
    task_id: str, body: FollowUpIn, who: CanCheckOffSite, session: Write, clock: Now, response: Response
) -> OffSiteOut:
    """An on-site task, when a reminder stayed unanswered or the answer does not do; it passes the gate (CX-11)."""
    task = await repository.task_of(session, task_id)
    who.require_agency(task.agency_id)
    check = await usecases.begun(session, task, "")
    request = TaskRequest(
        agency_id=task.agency_id,
        enterprise_id=task.enterprise_id,
        premises_id=task.premises_id,
        source_record=f"非现场检查{task_id}",
        by_head=is_head_of(who, task.agency_id),
        **body.model_dump(exclude={"item_ids"}),
        item_ids=tuple(dict.fromkeys(body.item_ids)),
    )
    done = await usecases.follow_up(session, task, check, request, who.person, clock.now(), clock.today())
    return _answer(done, response)


def _answer(check: OffSiteCheck, response: Response) -> OffSiteOut:
    etag(response, check.version)
    return OffSiteOut.model_validate(check)
