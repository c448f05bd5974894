"""Tell the party, hear it, answer it; review and discuss before deciding (PL-44, PL-63, PL-58, YZ-11)."""

from datetime import date

from wurao.common.auth import Principal
from wurao.common.clock import Clock
from wurao.common.contracts.penalty import NoticeServed
from wurao.common.contracts.shared import Refusal
from wurao.common.db import WriteSession
from wurao.common.errors import Conflict, Malformed, Refused
from wurao.common.ids import new_id
from wurao.penalty.access import actor, require_party_or_agency
from wurao.penalty.domain import clocks, people
from wurao.penalty.domain import procedure as steps
from wurao.penalty.domain.policy import ReviewerSection
from wurao.penalty.repository import cases as repository
from wurao.penalty.schemas.cases import DiscussionIn, HearingIn, NoticeIn, ReviewIn, StatementIn
from wurao.penalty.tables import Case, Notice, Review, Statement
from wurao.penalty.usecases import facts

OPEN = (steps.FILED, steps.NOTICED)


async def serve_notice(session: WriteSession, case_id: str, body: NoticeIn, who: Principal, clock: Clock) -> Case:
    """Serve a notice; a later one replaces it, its waiver and its review. Raises Refused."""
    case = await _own_case(session, case_id, who)
    await facts.require_state(session, case, OPEN, "告知", clock.today())
    law = await facts.laws(session, case.area, case.act_on, clock.today())
    taken = await facts.taken(session, case_id)
    kinds = frozenset(body.kinds)
    refusals = steps.notice_not_raised_for_defence(
        facts.as_notice(taken.notice), body.fine_fen, kinds, len(taken.statements), body.new_facts
    )
    if refusals:
        raise Refused(refusals)
    hearing = steps.hearing_right(body.fine_fen, kinds, law.procedure)
    notice = Notice(
        notice_id=new_id(),
        case_id=case_id,
        **facts.scope_of(case),
        served_on=law.today,
        fine_fen=body.fine_fen,
        kinds=sorted(kinds),
        facts=body.facts,
        reasons=body.reasons,
        new_facts=body.new_facts,
        statement_due=clocks.statement_due(law.today, law.terms, law.working, law.calendar).due,
        hearing_due=clocks.hearing_due(law.today, law.terms, law.working, law.calendar).due if hearing else None,
    )
    session.add(notice)
    case.state = steps.NOTICED
    case.hearing_requested_on = case.hearing_held_on = case.hearing_record = None
    case.discussion = case.discussed_on = None
    facts.touch(case)
    await session.flush()
    session.record(_served(case, notice))
    return case


def _served(case: Case, notice: Notice) -> NoticeServed:
    return NoticeServed(
        case_id=case.case_id,
        enterprise_id=case.enterprise_id,
        agency_id=case.agency_id,
        area=case.area,
        served_on=notice.served_on,
        statement_due=notice.statement_due,
        hearing_due=notice.hearing_due,
        proposed_fine_fen=notice.fine_fen,
        version=case.version,
    )


async def state(session: WriteSession, case_id: str, body: StatementIn, who: Principal, clock: Clock) -> Case:
    """Keep what the party says, whenever before the decision it says so; a hearing is asked for in time (PL-63)."""
    case = await repository.get(session, case_id)
    require_party_or_agency(who, case.agency_id, case.enterprise_id)
    await facts.require_state(session, case, OPEN, "陈述、申辩", clock.today())
    if body.requests_hearing:
        await _request_hearing(session, case, clock.today())
    session.add(
        Statement(
            statement_id=new_id(),
            case_id=case_id,
            **facts.scope_of(case),
            text=body.text,
            requests_hearing=body.requests_hearing,
            made_at=clock.now(),
        )
    )
    facts.touch(case)
    await session.flush()
    return case


async def _request_hearing(session: WriteSession, case: Case, today: date) -> None:
    notice = (await facts.taken(session, case.case_id)).notice
    if notice is not None and notice.hearing_due is not None and today <= notice.hearing_due:
        case.hearing_requested_on = case.hearing_requested_on or today
        return
    late = notice is not None and notice.hearing_due is not None
    message = "要求听证的期限已过" if late else "本案拟处罚内容不属于可以要求听证的范围"
    raise Refused(
        [
            Refusal(
                code="hearing.too_late" if late else "hearing.no_right",
                clause="PL-63",
                cite="行政处罚法 第六十三条、第六十四条",
                message=message,
                alternatives=("提交书面陈述、申辩意见",),
            )
        ]
    )


async def answer(session: WriteSession, case_id: str, text: str, who: Principal, clock: Clock) -> Case:
    """Answer every open statement. Raises Conflict when none is open."""
    case = await _own_case(session, case_id, who)
    await facts.require_state(session, case, OPEN, "答复陈述、申辩", clock.today())
    waiting = [s for s in await repository.statements(session, case_id) if s.answer is None]
    if not waiting:
        raise Conflict("没有待答复的陈述、申辩意见", code="statement.none_open", clause="PL-44")
    for statement in waiting:
        statement.answer, statement.answered_at = text, clock.now()
    facts.touch(case)
    await session.flush()
    return case


async def waive(session: WriteSession, case_id: str, who: Principal, clock: Clock) -> Case:
    """The party gives up its time to speak and its hearing, by its own login."""
    case = await repository.get(session, case_id)
    who.require_enterprise(case.enterprise_id)
    await facts.require_state(session, case, (steps.NOTICED,), "放弃陈述、申辩", clock.today())
    notice = (await facts.taken(session, case_id)).notice
    assert notice is not None
    notice.waived_on = clock.today()
    facts.touch(case)
    await session.flush()
    return case


async def hold_hearing(session: WriteSession, case_id: str, body: HearingIn, who: Principal, clock: Clock) -> Case:
    """Record a hearing: asked for, announced in time, not chaired by an investigator (PL-63). Raises Refused."""
    case = await _own_case(session, case_id, who)
    await facts.require_state(session, case, (steps.NOTICED,), "听证", clock.today())
    if case.hearing_requested_on is None:
        raise Conflict("当事人没有要求听证", code="hearing.not_requested", clause="PL-63")
    if not case.hearing_requested_on <= body.notified_on <= body.held_on <= clock.today():
        raise Malformed("日期应依次为：要求听证、通知、听证，均不晚于今日", code="hearing.dates")
    law = await facts.laws(session, case.area, case.act_on, clock.today())
    notice_over = clocks.hearing_earliest(body.notified_on, law.terms, law.working, law.calendar)
    faults = []
    if body.chair_id in {ref["officer_id"] for ref in case.officers}:
        faults.append(("hearing.chaired_by_investigator", "本案调查人员不得主持听证", "指定非本案调查人员主持"))
    if body.held_on <= notice_over.due:
        message = f"应在举行听证的七个工作日前通知，{notice_over.due.isoformat()}之后方可举行"
        faults.append(("hearing.notice_too_short", message, "改期举行听证"))
    if faults:
        cite = "行政处罚法 第六十四条"
        raise Refused([Refusal(code=c, clause="PL-63", cite=cite, message=m, alternatives=(a,)) for c, m, a in faults])
    case.hearing_held_on = body.held_on
    case.hearing_record = body.record
    facts.touch(case)
    await session.flush()
    return case


async def discuss(session: WriteSession, case_id: str, body: DiscussionIn, who: Principal, clock: Clock) -> Case:
    """Record the leaders' collective discussion (YZ-11)."""
    case = await _own_case(session, case_id, who)
    await facts.require_state(session, case, OPEN, "集体讨论", clock.today())
    if len(set(body.participants)) < len(body.participants):
        raise Malformed("参加集体讨论的人员重复", code="discussion.repeated")
    case.discussion = f"参加人员：{'、'.join(body.participants)}。结论：{body.conclusion}"
    case.discussed_on = clock.today()
    facts.touch(case)
    await session.flush()
    return case


async def review(session: WriteSession, case_id: str, body: ReviewIn, who: Principal, clock: Clock) -> Case:
    """Review the case under the notice in force (PL-58, QZ-21). Raises Refused."""
    case = await _own_case(session, case_id, who)
    await facts.require_state(session, case, OPEN, "法制审核", clock.today())
    law = await facts.laws(session, case.area, case.act_on, clock.today())
    reviewer_id = actor(who)
    known = await repository.officers(session, [reviewer_id])
    refusals = people.reviewer(
        facts.officer_of(known[0]) if known else None,
        officers={ref["officer_id"] for ref in case.officers},
        agency_id=case.agency_id,
        on=law.today,
        first_review=not await repository.has_reviewed(session, reviewer_id),
        qualification=law.pack.section(ReviewerSection, on=law.today).first_review_needs_qualification,
    )
    if refusals:
        raise Refused(refusals)
    notice = (await facts.taken(session, case_id)).notice
    session.add(
        Review(
            review_id=new_id(),
            case_id=case_id,
            **facts.scope_of(case),
            notice_id=notice.notice_id if notice else None,
            reviewer_id=reviewer_id,
            passed=body.passed,
            opinion=body.opinion,
            reviewed_at=clock.now(),
        )
    )
    facts.touch(case)
    await session.flush()
    return case


async def _own_case(session: WriteSession, case_id: str, who: Principal) -> Case:
    case = await repository.get(session, case_id)
    who.require_agency(case.agency_id)
    return case
