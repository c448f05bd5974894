"""Violations, cases and the steps before a decision, over HTTP."""

from typing import Annotated, Literal

from fastapi import Path, Query, Response

from wurao.common.paging import CursorParam, LimitParam, Page, page
from wurao.common.unit import IfMatch, Read, Write, check_match, etag
from wurao.common.unit import router as unit_router
from wurao.common.web import Now
from wurao.penalty.access import CanHandle, CanHead, CanRead, CanReview, CanState, CanWaive
from wurao.penalty.repository import cases as repository
from wurao.penalty.schemas.cases import (
    AnswerIn,
    CaseOut,
    CaseRow,
    DiscussionIn,
    HearingIn,
    NoticeIn,
    OpenCase,
    ProposalOut,
    ReviewIn,
    StatementIn,
    ViolationOut,
)
from wurao.penalty.tables import Case, Violation
from wurao.penalty.usecases import opening, steps, viewing

router = unit_router("cases")

CaseId = Annotated[str, Path(pattern=r"^[A-Za-z0-9-]{1,64}$")]
CaseState = Annotated[Literal["filed", "noticed", "decided", "closed"] | None, Query()]
ProcedureName = Annotated[Literal["summary", "ordinary"] | None, Query()]
ViolationState = Annotated[Literal["open", "filed"] | None, Query()]


@router.get("/violations")
async def list_violations(
    who: CanRead, session: Read, state: ViolationState = None, cursor: CursorParam = None, limit: LimitParam = 50
) -> Page[ViolationOut]:
    """Violations that finished visits found, within the caller's scope."""
    query = repository.violations(who.scope(), state)
    rows, following = await page(session, query, Violation.violation_id, cursor=cursor, limit=limit)
    return Page(items=[ViolationOut.model_validate(row) for row in rows], next_cursor=following)


@router.post("/cases", status_code=201)
async def open_case(body: OpenCase, who: CanHandle, session: Write, clock: Now, response: Response) -> CaseOut:
    """File a case (QZ-23, PL-36, PL-42)."""
    case = await opening.open_case(session, body, who, clock)
    response.headers["Location"] = f"/v1/cases/{case.case_id}"
    etag(response, case.version)
    return await viewing.view(session, case, clock)


@router.get("/cases")
async def list_cases(
    who: CanRead,
    session: Read,
    state: CaseState = None,
    procedure: ProcedureName = None,
    cursor: CursorParam = None,
    limit: LimitParam = 50,
) -> Page[CaseRow]:
    """Cases within the caller's scope, in the order in which they were filed."""
    query = repository.cases(who.scope(), state, procedure)
    rows, following = await page(session, query, Case.case_id, cursor=cursor, limit=limit)
    return Page(items=[CaseRow.model_validate(row) for row in rows], next_cursor=following)


@router.get("/cases/{case_id}")
async def get_case(case_id: CaseId, who: CanRead, session: Read, clock: Now, response: Response) -> CaseOut:
    """A case with its steps and clocks, each due day explained."""
    case = await viewing.readable(session, case_id, who)
    etag(response, case.version)
    return await viewing.view(session, case, clock)


@router.get("/cases/{case_id}/proposal")
async def get_proposal(case_id: CaseId, who: CanRead, session: Read, clock: Now) -> ProposalOut:
    """What lists and benchmarks propose (PL-33, PL-32, YZ-12, PL-37)."""
    return await viewing.proposal(session, await viewing.readable(session, case_id, who), clock)


async def _matched(session: Write, case_id: str, if_match: int | None) -> None:
    if if_match is not None:
        check_match((await repository.get(session, case_id)).version, if_match)


async def _shown(session: Write, case: Case, clock: Now, response: Response) -> CaseOut:
    etag(response, case.version)
    return await viewing.view(session, case, clock)


@router.post("/cases/{case_id}/notice")
async def serve_notice(
    case_id: CaseId, body: NoticeIn, who: CanHandle, session: Write, clock: Now, if_match: IfMatch, response: Response
) -> CaseOut:
    """Tell the party what is intended, why, and its rights (PL-44)."""
    await _matched(session, case_id, if_match)
    return await _shown(session, await steps.serve_notice(session, case_id, body, who, clock), clock, response)


@router.post("/cases/{case_id}/statements")
async def make_statement(
    case_id: CaseId, body: StatementIn, who: CanState, session: Write, clock: Now, if_match: IfMatch, response: Response
) -> CaseOut:
    """What the party says, by itself or taken down by an officer (PL-44, PL-63)."""
    await _matched(session, case_id, if_match)
    return await _shown(session, await steps.state(session, case_id, body, who, clock), clock, response)


@router.post("/cases/{case_id}/statements/answer")
async def answer_statements(
    case_id: CaseId, body: AnswerIn, who: CanHandle, session: Write, clock: Now, if_match: IfMatch, response: Response
) -> CaseOut:
    """Answer every open statement (PL-44)."""
    await _matched(session, case_id, if_match)
    return await _shown(session, await steps.answer(session, case_id, body.text, who, clock), clock, response)


@router.post("/cases/{case_id}/statements/waive")
async def waive_statements(
    case_id: CaseId, who: CanWaive, session: Write, clock: Now, if_match: IfMatch, response: Response
) -> CaseOut:
    """The party gives up its time to speak and its hearing (PL-44; 行政处罚法 art. 62)."""
    await _matched(session, case_id, if_match)
    return await _shown(session, await steps.waive(session, case_id, who, clock), clock, response)


@router.post("/cases/{case_id}/hearing")
async def record_hearing(
    case_id: CaseId, body: HearingIn, who: CanHandle, session: Write, clock: Now, if_match: IfMatch, response: Response
) -> CaseOut:
    """Record the hearing that the party asked for (PL-63)."""
    await _matched(session, case_id, if_match)
    return await _shown(session, await steps.hold_hearing(session, case_id, body, who, clock), clock, response)


@router.post("/cases/{case_id}/discussion")
async def record_discussion(
    case_id: CaseId, body: DiscussionIn, who: CanHead, session: Write, clock: Now, if_match: IfMatch, response: Response
) -> CaseOut:
    """Record the collective discussion of a major case (YZ-11)."""
    await _matched(session, case_id, if_match)
    return await _shown(session, await steps.discuss(session, case_id, body, who, clock), clock, response)


@router.post("/cases/{case_id}/review")
async def review_case(
    case_id: CaseId, body: ReviewIn, who: CanReview, session: Write, clock: Now, if_match: IfMatch, response: Response
) -> CaseOut:
    """Legal review by a reviewer of the agency (PL-58, QZ-21)."""
    await _matched(session, case_id, if_match)
    return await _shown(session, await steps.review(session, case_id, body, who, clock), clock, response)
