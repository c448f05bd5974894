"""Approve, change and end visits; put substitutes in for officers who may go no more."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from wurao.common.auth import Principal
from wurao.common.clock import legal_date
from wurao.common.contracts.scheduling import VisitApproved, VisitCancelled, VisitRescheduled
from wurao.common.contracts.shared import OfficerRef, Question, Refusal, VisitItem
from wurao.common.db import ReadSession, WriteSession
from wurao.common.errors import Forbidden, Kind
from wurao.scheduling.domain import officer_draw, people
from wurao.scheduling.domain import visits as rules
from wurao.scheduling.domain.checkonce import consent
from wurao.scheduling.domain.gate import pressure
from wurao.scheduling.domain.officer_draw import OfficerDraw
from wurao.scheduling.domain.policy import Policy
from wurao.scheduling.repository import changes, consents, recusals, replicas, turns
from wurao.scheduling.repository import tasks as task_repository
from wurao.scheduling.repository import visits as repository
from wurao.scheduling.repository.facts import Policies
from wurao.scheduling.tables import Task, Visit, VisitOfficer
from wurao.scheduling.usecases import codes, histories
from wurao.scheduling.usecases import tasks as task_usecases
from wurao.scheduling.usecases.codes import Signer
from wurao.scheduling.usecases.evidence import About

WEEK = timedelta(days=7)


def require_lead(visit: Visit, who: Principal) -> None:
    """Raises Forbidden unless the caller belongs to the leading agency."""
    if who.agency_id != visit.lead_agency_id:
        raise Forbidden("应由牵头机关办理", code="other_agency")


async def approve(session: WriteSession, visit: Visit, who: Principal, signer: Signer, now: datetime) -> Visit:
    """Approve a proposed visit and issue its code (LX-01, QZ-09). Raises Refused with every reason."""
    await turns.take_turn(session, visit.enterprise_id)
    policy = await Policies(session, visit.day).of(visit.area)
    rules.require_proposed(visit.state, policy.basis)
    about = about_visit(visit, who.subject, now)
    if who.accounts & await authors_of(session, visit):
        raise about.refused([rules.self_approval(policy.basis)], kind=Kind.FORBIDDEN)
    about.require(await _objections(session, visit, policy, now))
    before = await histories.snapshot(session, visit)
    visit.state, visit.approved_by, visit.approved_at = rules.APPROVED, who.person, now
    await codes.issue(session, signer, visit, now)
    await histories.keep(session, visit, "approve", before, visit.note, who.person, now)
    session.record(await approved_event(session, visit))
    return visit


async def authors_of(session: ReadSession, visit: Visit) -> set[str]:
    """Who made a visit what it is: who merged it, who wanted its tasks, who changed it while it was proposed."""
    wanted_by = {task.created_by for task in await task_repository.of_visits(session, [visit.visit_id])}
    return {visit.proposed_by, *wanted_by, *await changes.changed_by(session, visit.visit_id)}


def about_visit(visit: Visit, by: str, now: datetime) -> About:
    """What a refusal about a visit is about."""
    items = tuple(item["item_id"] for item in visit.items)
    return About("visit", by, now, visit.lead_agency_id, visit.area, visit.enterprise_id, items)


async def _objections(session: WriteSession, visit: Visit, policy: Policy, now: datetime) -> list[Refusal]:
    agency_ids = await agencies_of(session, visit)
    known = await replicas.agencies(session, agency_ids)
    withdrawn = [agency_id for agency_id in agency_ids if agency_id not in known or not known[agency_id].published]
    ids = [officer.officer_id for officer in await officers_of(session, visit)]
    officers = await replicas.officers(session, ids)
    present = Counter(officer.agency_id for officer in officers.values())
    suffice = people.enough(present, visit.lead_agency_id, policy)
    unknown = [officer_id for officer_id in ids if officer_id not in officers]
    recused = await recusals.recused(session, visit.enterprise_id, visit.day)
    tasks = await task_repository.of_visits(session, [visit.visit_id])
    return [
        *await open_round(session, visit, policy),
        *await task_usecases.outdated(session, tasks, legal_date(now)),
        *await pressed(session, visit, visit.day, tasks, policy),
        *rules.objections(visit.day, now, withdrawn, policy, officers_suffice=suffice),
        *people.objections(officers.values(), unknown, recused, visit.day, policy.basis),
    ]


async def pressed(
    session: ReadSession, visit: Visit, day: date, tasks: Sequence[Task], policy: Policy
) -> list[Refusal]:
    """Why the enterprise can bear no further visit on a day, beside those that are settled; triggers are outside."""
    on_triggers = (
        all(task_usecases.is_triggered(task, policy) for task in tasks) if tasks else visit.kind == "triggered"
    )
    if on_triggers:
        return []
    since = day.replace(month=1, day=1) - WEEK
    settled = await repository.settled_days(session, visit.enterprise_id, since, but_for=visit.visit_id)
    return pressure.full_on(day, settled, policy)


async def open_round(
    session: WriteSession, visit: Visit, policy: Policy, change_id: str | None = None
) -> list[Refusal]:
    """Why a visit, or a change of it, is not approved yet: departments may still object (YZ-04)."""
    waiting = await consents.waiting(session, visit.visit_id, change_id)
    if not waiting or policy.merge.consent_working_days is None:
        return []
    known = await replicas.agencies(session, [one.agency_id for one in waiting])
    names = [known[one.agency_id].name if one.agency_id in known else one.agency_id for one in waiting]
    return [consent.still_open(names, max(one.due_at for one in waiting), policy)]


async def agencies_of(session: ReadSession, visit: Visit) -> list[str]:
    """The agencies that take part."""
    return (await repository.agencies(session, [visit.visit_id])).get(visit.visit_id, [])


async def officers_of(session: ReadSession, visit: Visit) -> list[VisitOfficer]:
    """The officers who go."""
    return (await repository.officers(session, [visit.visit_id])).get(visit.visit_id, [])


def _refs(officers: Sequence[VisitOfficer]) -> tuple[OfficerRef, ...]:
    return tuple(OfficerRef(officer_id=o.officer_id, agency_id=o.agency_id, name=o.name) for o in officers)


async def approved_event(session: WriteSession, visit: Visit) -> VisitApproved:
    """The event that tells of an approval and its code."""
    assert visit.code_id and visit.code and visit.approved_by and visit.approved_at  # noqa: PT018
    tasks = await task_repository.of_visits(session, [visit.visit_id])
    return VisitApproved(
        visit_id=visit.visit_id,
        enterprise_id=visit.enterprise_id,
        enterprise_name=visit.enterprise_name,
        premises_id=visit.premises_id,
        area=visit.area,
        lead_agency_id=visit.lead_agency_id,
        agencies=tuple(await agencies_of(session, visit)),
        officers=_refs(await officers_of(session, visit)),
        items=tuple(VisitItem.model_validate(item) for item in visit.items),
        questions=tuple(Question.model_validate(question) for question in visit.questions),
        kind=visit.kind,
        ground=visit.ground,
        source_record=visit.source_record,
        window=rules.window(visit.day, visit.opens_at, visit.closes_at),
        code_id=visit.code_id,
        code=visit.code,
        task_count=len(tasks),
        approved_by=visit.approved_by,
        approved_at=visit.approved_at,
        version=visit.version,
    )


async def renew_code(
    session: WriteSession, visit: Visit, signer: Signer, now: datetime, reason: str, revoked: str | None
) -> None:
    """Issue another code for an approved visit in the place of the one revoked; a proposed visit has none yet."""
    visit.note = reason
    if visit.state != rules.APPROVED:
        await session.flush()
        return
    await codes.issue(session, signer, visit, now)
    await session.flush()
    assert revoked and visit.code_id and visit.code  # noqa: PT018
    session.record(
        VisitRescheduled(
            visit_id=visit.visit_id,
            window=rules.window(visit.day, visit.opens_at, visit.closes_at),
            officers=_refs(await officers_of(session, visit)),
            code_id=visit.code_id,
            code=visit.code,
            revoked_code_id=revoked,
            reason=reason,
            version=visit.version,
        )
    )


def add_officers(
    session: WriteSession, visit: Visit, officers: Sequence[people.OfficerFact], eligible_sha256: str | None = None
) -> None:
    """List officers on a visit, with the digest of the list that they were drawn from."""
    session.add_all(
        VisitOfficer(
            visit_id=visit.visit_id,
            officer_id=o.officer_id,
            agency_id=o.agency_id,
            name=o.name,
            eligible_sha256=eligible_sha256,
        )
        for o in officers
    )


async def send(session: WriteSession, visit: Visit, draw: OfficerDraw) -> None:
    """List the officers who were drawn for a visit, and keep whom they were drawn from."""
    if draw.officers:
        await repository.keep_list(session, visit.visit_id, draw.digest, draw.document)
        add_officers(session, visit, draw.officers, draw.digest)


async def call_off(
    session: WriteSession, visit: Visit, state: str, reason: str, now: datetime, by: str = histories.SYSTEM
) -> None:
    """Take a visit back or end it; its code, if it has one, is revoked with the event."""
    before = await histories.snapshot(session, visit)
    codes.revoke(session, visit, now)
    await changes.overtake(session, visit.visit_id)
    visit.state, visit.note, visit.closes_at = state, reason, None
    visit.code_id = visit.code = visit.approved_by = visit.approved_at = None
    await histories.keep(session, visit, histories.VERBS[state], before, reason, by, now)
    if state != rules.PROPOSED:
        await consents.close(session, visit.visit_id)
    session.record(
        VisitCancelled(
            visit_id=visit.visit_id,
            enterprise_id=visit.enterprise_id,
            agencies=tuple(await agencies_of(session, visit)),
            reason=reason,
            version=visit.version,
        )
    )


async def substitute(
    session: WriteSession, officer_id: str, reason: str, signer: Signer, now: datetime, today: date
) -> None:
    """Take an officer who may go no more out of the visits to come; the next ticket goes instead.

    So it is after the loss of the certificate, after a move to another agency, and under a recusal (YZ-10, PL-43).
    """
    officer = (await replicas.officers(session, [officer_id])).get(officer_id)
    coming = await repository.coming_of_officer(session, officer_id, today)
    away = await recusals.of_enterprises(session, [visit.enterprise_id for visit in coming])
    for visit in coming:
        sent_by = next(o.agency_id for o in await officers_of(session, visit) if o.officer_id == officer_id)
        fit = officer is not None and officer.agency_id == sent_by and people.valid_on(officer, visit.day)
        if not fit or officer_id in people.recused_on(away.get(visit.enterprise_id, ()), visit.day):
            await _substitute(session, visit, officer_id, sent_by, reason, signer, now)


async def _substitute(
    session: WriteSession, visit: Visit, gone: str, agency_id: str, reason: str, signer: Signer, now: datetime
) -> None:
    policy = await Policies(session, visit.day).of(visit.area)
    listed = [officer.officer_id for officer in await officers_of(session, visit)]
    pool = (await replicas.officers_of(session, [agency_id]))[agency_id]
    busy = {*listed, *await unavailable(session, pool, visit)}
    before = await histories.snapshot(session, visit)
    await repository.dismiss(session, visit.visit_id, [gone])
    await send(session, visit, officer_draw.hold(pool, 1, visit.officer_seed, visit.visit_id, visit.day, busy))
    await session.flush()
    if await _suffice(session, visit, policy):
        revoked = codes.revoke(session, visit, now)
        await renew_code(session, visit, signer, now, reason, revoked)
        await histories.keep(session, visit, "officers", before, reason, histories.SYSTEM, now)
    elif visit.state == rules.APPROVED:
        await call_off(session, visit, rules.PROPOSED, f"{reason}；执法人员不足，退回待批准", now)


async def unavailable(session: WriteSession, officers: Sequence[people.OfficerFact], visit: Visit) -> set[str]:
    """Officers whose day is too full for the visit, and those who stay away from the enterprise or are not drawn."""
    booked = await repository.booked(session, visit.day, visit.day, [officer.officer_id for officer in officers])
    full = {officer_id for (officer_id, _), minutes in booked.items() if minutes + visit.minutes > people.DAY_MINUTES}
    policy = await Policies(session, visit.day).of(visit.area)
    away = await recusals.not_drawn(session, [visit.enterprise_id], policy)
    return full | people.recused_on(away.get(visit.enterprise_id, ()), visit.day)


async def _suffice(session: WriteSession, visit: Visit, policy: Policy) -> bool:
    present = Counter(officer.agency_id for officer in await officers_of(session, visit))
    return people.enough(present, visit.lead_agency_id, policy)


async def start(session: WriteSession, visit: Visit) -> None:
    """Officers entered; a change that still waits came too late."""
    if visit.state == rules.APPROVED:
        visit.state = rules.STARTED
        await changes.overtake(session, visit.visit_id)


async def finish(session: WriteSession, visit: Visit) -> None:
    """The visit took place, even if it was cancelled while officers were there; its tasks are done."""
    visit.state = rules.FINISHED
    await task_usecases.done(session, await task_repository.of_visits(session, [visit.visit_id]))


async def dissolve(session: WriteSession, visit: Visit, agency_id: str, reason: str, now: datetime) -> None:
    """Call a visit off because an agency lost its standing; the other agencies' tasks are open again (DT-01)."""
    tasks = await task_repository.of_visits(session, [visit.visit_id])
    own = [task for task in tasks if task.agency_id == agency_id]
    await task_usecases.end(session, own, task_repository.CANCELLED, reason)
    today = legal_date(now)
    policy = await Policies(session, today).of(visit.area)
    others = [task for task in tasks if task.agency_id != agency_id]
    await task_usecases.reopen(session, others, policy, today, reason)
    await call_off(session, visit, rules.CANCELLED, reason, now)


async def lapse(session: WriteSession, visit: Visit, now: datetime) -> None:
    """A visit whose day went by: over; its tasks are open again as long as their days last."""
    reason, today = "逾期未实施", legal_date(now)
    policy = await Policies(session, today).of(visit.area)
    tasks = await task_repository.of_visits(session, [visit.visit_id])
    await task_usecases.reopen(session, tasks, policy, today, reason)
    await call_off(session, visit, rules.LAPSED, reason, now)
