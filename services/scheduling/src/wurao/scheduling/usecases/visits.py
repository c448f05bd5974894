"""Approve, change and end visits; put substitutes in for officers who may go no more."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime

from wurao.common.auth import Principal
from wurao.common.contracts.scheduling import VisitApproved, VisitCancelled, VisitRescheduled
from wurao.common.contracts.shared import OfficerRef, Question, Refusal, VisitItem
from wurao.common.db import WriteSession
from wurao.common.errors import Conflict, Forbidden, Kind
from wurao.scheduling.domain import people
from wurao.scheduling.domain import visits as rules
from wurao.scheduling.domain.checkonce import consent
from wurao.scheduling.domain.policy import Policy, refusal
from wurao.scheduling.repository import consents, recusals, replicas
from wurao.scheduling.repository import tasks as task_repository
from wurao.scheduling.repository import visits as repository
from wurao.scheduling.repository.facts import Policies
from wurao.scheduling.tables import Visit, VisitOfficer
from wurao.scheduling.usecases import tasks as task_usecases
from wurao.scheduling.usecases.codes import Signer, issue
from wurao.scheduling.usecases.evidence import About


def require_lead(visit: Visit, who: Principal) -> None:
    """Raises Forbidden unless the caller belongs to the leading agency."""
    if who.agency_id != visit.lead_agency_id:
        raise Forbidden("应由牵头机关办理", code="other_agency")


async def approve(session: WriteSession, visit: Visit, who: Principal, signer: Signer, now: datetime) -> Visit:
    """Approve a proposed visit and issue its code (LX-01, QZ-09). Raises Refused with every reason."""
    policy = await Policies(session, visit.day).of(visit.area)
    rules.require_proposed(visit.state, policy.basis)
    about = _about(visit, who.subject, now)
    wanted_by = {task.created_by for task in await task_repository.of_visits(session, [visit.visit_id])}
    if who.subject in {visit.proposed_by, *wanted_by}:
        raise about.refused([rules.self_approval(policy.basis)], kind=Kind.FORBIDDEN)
    about.require(await _objections(session, visit, policy, now))
    visit.state, visit.approved_by, visit.approved_at = rules.APPROVED, who.subject, now
    await issue(session, signer, visit, now)
    await session.flush()
    session.record(await _approved(session, visit))
    return visit


def _about(visit: Visit, by: str, now: datetime) -> About:
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
    return [
        *await _open_round(session, visit, policy),
        *rules.objections(visit.day, now, withdrawn, policy, officers_suffice=suffice),
        *people.objections(officers.values(), unknown, recused, visit.day, policy.basis),
    ]


async def _open_round(session: WriteSession, visit: Visit, policy: Policy) -> list[Refusal]:
    waiting = await consents.waiting(session, visit.visit_id)
    if not waiting or policy.merge.consent_working_days is None:
        return []
    known = await replicas.agencies(session, [one.agency_id for one in waiting])
    names = [known[one.agency_id].name if one.agency_id in known else one.agency_id for one in waiting]
    return [consent.still_open(names, max(one.due_at for one in waiting), policy)]


async def agencies_of(session: WriteSession, visit: Visit) -> list[str]:
    """The agencies that take part."""
    return (await repository.agencies(session, [visit.visit_id])).get(visit.visit_id, [])


async def officers_of(session: WriteSession, visit: Visit) -> list[VisitOfficer]:
    """The officers who go."""
    return (await repository.officers(session, [visit.visit_id])).get(visit.visit_id, [])


def _refs(officers: Sequence[VisitOfficer]) -> tuple[OfficerRef, ...]:
    return tuple(OfficerRef(officer_id=o.officer_id, agency_id=o.agency_id, name=o.name) for o in officers)


async def _approved(session: WriteSession, visit: Visit) -> VisitApproved:
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
        window=rules.window(visit.day),
        code_id=visit.code_id,
        code=visit.code,
        task_count=len(tasks),
        approved_by=visit.approved_by,
        approved_at=visit.approved_at,
        version=visit.version,
    )


async def _renew_code(session: WriteSession, visit: Visit, signer: Signer, now: datetime, reason: str) -> None:
    """Revoke the code of an approved visit and issue another; a proposed visit has none yet."""
    visit.note = reason
    if visit.state != rules.APPROVED:
        await session.flush()
        return
    revoked = visit.code_id
    assert revoked is not None
    await issue(session, signer, visit, now)
    await session.flush()
    assert visit.code_id and visit.code  # noqa: PT018
    session.record(
        VisitRescheduled(
            visit_id=visit.visit_id,
            window=rules.window(visit.day),
            officers=_refs(await officers_of(session, visit)),
            code_id=visit.code_id,
            code=visit.code,
            revoked_code_id=revoked,
            reason=reason,
            version=visit.version,
        )
    )


async def reschedule(
    session: WriteSession,
    visit: Visit,
    day: date,
    reason: str,
    *,
    by: str,
    signer: Signer,
    now: datetime,
    today: date,
    workday: bool,
) -> Visit:
    """Move a visit within its tasks' days; an approved one gets a new code. Raises Refused or Conflict."""
    rules.require_coming(visit.state)
    tasks = await task_repository.of_visits(session, [visit.visit_id])
    windows = [(task.earliest, min(task.latest, date(task.counter_year, 12, 31))) for task in tasks]
    officers = await replicas.officers(session, [o.officer_id for o in await officers_of(session, visit)])
    recused = await recusals.recused(session, visit.enterprise_id, day)
    basis = (await Policies(session, today).of(visit.area)).basis
    _about(visit, by, now).require(
        [
            *rules.day_objections(day, today, windows, basis, workday=workday),
            *people.objections(officers.values(), [], recused, day, basis),
        ]
    )
    taken = await repository.taken_on(session, visit.enterprise_id, day)
    if taken is not None and taken != visit.visit_id:
        raise Conflict(
            "该企业当日已有检查", code="visit.day_taken", alternatives=[f"并入该检查（编号{taken}）", "另选日期"]
        )
    visit.day = day
    await _renew_code(session, visit, signer, now, reason)
    return visit


async def change_officers(
    session: WriteSession,
    visit: Visit,
    remove: Sequence[str],
    add: Sequence[str],
    reason: str,
    *,
    by: str,
    signer: Signer,
    now: datetime,
) -> Visit:
    """Put other officers on a visit, with a reason; an approved one gets a new code. Raises Refused."""
    rules.require_coming(visit.state)
    policy = await Policies(session, visit.day).of(visit.area)
    staying = {officer.officer_id: officer.agency_id for officer in await officers_of(session, visit)}
    for officer_id in remove:
        staying.pop(officer_id, None)
    new = await replicas.officers(session, [officer_id for officer_id in add if officer_id not in staying])
    unknown = [officer_id for officer_id in add if officer_id not in new and officer_id not in staying]
    recused = await recusals.recused(session, visit.enterprise_id, visit.day)
    found = people.objections(new.values(), unknown, recused, visit.day, policy.basis)
    agencies = await agencies_of(session, visit)
    for officer in new.values():
        if officer.agency_id not in agencies:
            message = f"{officer.name}不属于参加检查的机关"
            found.append(refusal("officer.other_agency", policy.basis.certificate, message, ["改派参加机关的执法人员"]))
    present = Counter([*staying.values(), *(officer.agency_id for officer in new.values())])
    if not people.enough(present, visit.lead_agency_id, policy):
        found.append(rules.too_few(policy))
    if present.total() > policy.merge.max_officers.value:
        limit = policy.merge.max_officers
        found.append(refusal("visit.too_many_officers", limit, f"一次检查最多{limit.value}人", ["减少检查人数"]))
    _about(visit, by, now).require(found)
    await repository.dismiss(session, visit.visit_id, list(remove))
    add_officers(session, visit, list(new.values()))
    await _renew_code(session, visit, signer, now, reason)
    return visit


def add_officers(session: WriteSession, visit: Visit, officers: Sequence[people.OfficerFact]) -> None:
    """List officers on a visit."""
    session.add_all(
        VisitOfficer(visit_id=visit.visit_id, officer_id=o.officer_id, agency_id=o.agency_id, name=o.name)
        for o in officers
    )


async def cancel(session: WriteSession, visit: Visit, reason: str) -> Visit:
    """Cancel a visit and its tasks; their places in the year are free again."""
    rules.require_coming(visit.state)
    tasks = await task_repository.of_visits(session, [visit.visit_id])
    await task_usecases.end(session, tasks, task_repository.CANCELLED, reason)
    await call_off(session, visit, rules.CANCELLED, reason)
    return visit


async def call_off(session: WriteSession, visit: Visit, state: str, reason: str) -> None:
    """Take a visit back or end it; its code, if it has one, is revoked with the event."""
    visit.state, visit.note = state, reason
    visit.code_id = visit.code = visit.approved_by = visit.approved_at = None
    await session.flush()
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
    await repository.dismiss(session, visit.visit_id, [gone])
    add_officers(session, visit, people.drawn(pool, 1, visit.officer_seed, visit.visit_id, visit.day, busy))
    await session.flush()
    if await _suffice(session, visit, policy):
        await _renew_code(session, visit, signer, now, reason)
    elif visit.state == rules.APPROVED:
        await call_off(session, visit, rules.PROPOSED, f"{reason}；执法人员不足，退回待批准")


async def unavailable(session: WriteSession, officers: Sequence[people.OfficerFact], visit: Visit) -> set[str]:
    """Officers whose day is too full for the visit, and those who stay away from the enterprise."""
    booked = await repository.booked(session, visit.day, visit.day, [officer.officer_id for officer in officers])
    full = {officer_id for (officer_id, _), minutes in booked.items() if minutes + visit.minutes > people.DAY_MINUTES}
    return full | await recusals.recused(session, visit.enterprise_id, visit.day)


async def _suffice(session: WriteSession, visit: Visit, policy: Policy) -> bool:
    present = Counter(officer.agency_id for officer in await officers_of(session, visit))
    return people.enough(present, visit.lead_agency_id, policy)


async def start(session: WriteSession, visit: Visit) -> None:
    """Officers entered."""
    if visit.state == rules.APPROVED:
        visit.state = rules.STARTED


async def finish(session: WriteSession, visit: Visit) -> None:
    """The visit took place; its tasks are done."""
    visit.state = rules.FINISHED
    for task in await task_repository.of_visits(session, [visit.visit_id]):
        task.state = task_repository.DONE


async def dissolve(session: WriteSession, visit: Visit, agency_id: str, reason: str, today: date) -> None:
    """Call a visit off because an agency lost its standing; the other agencies' tasks are open again (DT-01)."""
    tasks = await task_repository.of_visits(session, [visit.visit_id])
    own = [task for task in tasks if task.agency_id == agency_id]
    await task_usecases.end(session, own, task_repository.CANCELLED, reason)
    policy = await Policies(session, today).of(visit.area)
    others = [task for task in tasks if task.agency_id != agency_id]
    await task_usecases.reopen(session, others, policy, today, reason)
    await call_off(session, visit, rules.CANCELLED, reason)


async def lapse(session: WriteSession, visit: Visit, today: date) -> None:
    """A visit whose day went by: over; its tasks are open again as long as their days last."""
    reason = "逾期未实施"
    policy = await Policies(session, today).of(visit.area)
    tasks = await task_repository.of_visits(session, [visit.visit_id])
    await task_usecases.reopen(session, tasks, policy, today, reason)
    await call_off(session, visit, rules.LAPSED, reason)
