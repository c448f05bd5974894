"""Change a visit: asked for with a reason, judged, approved by another person, then carried out with a new code."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from wurao.common.auth import Principal, Role
from wurao.common.clock import legal_date
from wurao.common.contracts.shared import Refusal
from wurao.common.db import ReadSession, WriteSession
from wurao.common.errors import Conflict, Kind
from wurao.common.ids import new_id
from wurao.common.policy import calendar_for
from wurao.scheduling.domain import changes as rules
from wurao.scheduling.domain import people
from wurao.scheduling.domain import visits as visit_rules
from wurao.scheduling.domain.changes import Wish
from wurao.scheduling.domain.policy import Policy, refusal
from wurao.scheduling.repository import changes, merges, recusals, replicas, turns
from wurao.scheduling.repository import consents as consent_repository
from wurao.scheduling.repository import tasks as task_repository
from wurao.scheduling.repository import visits as repository
from wurao.scheduling.repository.facts import Policies
from wurao.scheduling.tables import Visit, VisitChange
from wurao.scheduling.usecases import codes, composing, consents, histories, visits
from wurao.scheduling.usecases import tasks as task_usecases


@dataclass(frozen=True, slots=True)
class Act:
    """Who acts when, and what signs codes."""

    who: Principal
    signer: codes.Signer
    now: datetime


async def propose(session: WriteSession, visit: Visit, wish: Wish, act: Act) -> bool:
    """Ask for a change; True when it was made at once, False when it waits for another person (LX-01).

    Raises Refused with every reason, Conflict when the visit has begun or another change waits.
    """
    visit_rules.require_coming(visit.state)
    await _judge(session, visit, wish, act)
    concerned = {visit.approved_by or "", *await visits.authors_of(session, visit)}
    head = Role.HEAD in act.who.roles
    if rules.at_once(wish.kind, visit.state, act.who.accounts, concerned, head=head):
        before = await histories.snapshot(session, visit)
        await _carry_out(session, visit, wish, act, act.who.person)
        if wish.kind != "cancel":
            await histories.keep(session, visit, wish.kind, before, wish.reason, act.who.person, act.now)
        return True
    if await changes.awaiting(session, [visit.visit_id]):
        raise Conflict("该检查另有变更待批准", code="visit.change_awaits", alternatives=["先办结待批准的变更"])
    change = VisitChange(
        change_id=new_id(),
        visit_id=visit.visit_id,
        kind=wish.kind,
        state=rules.AWAITING,
        reason=wish.reason,
        wanted=wish.document(),
        old={},
        new={},
        proposed_by=act.who.person,
        proposed_at=act.now,
        decided_by=None,
        decided_at=None,
    )
    session.add(change)
    await session.flush()
    if wish.day is not None:
        await consents.ask_to_move(session, visit, change, wish.day, act.now)
    return False


async def approve(session: WriteSession, visit: Visit, change: VisitChange, act: Act) -> None:
    """Approve a change that somebody else proposed, and carry it out (LX-01, QZ-09). Raises Refused or Conflict."""
    rules.require_awaiting(change.state)
    visit_rules.require_coming(visit.state)
    policy = await Policies(session, visit.day).of(visit.area)
    about = visits.about_visit(visit, act.who.subject, act.now)
    if change.proposed_by in act.who.accounts:
        raise about.refused([rules.self_approval(policy.basis)], kind=Kind.FORBIDDEN)
    wish = rules.wish_of(change.kind, change.reason, change.wanted)  # type: ignore[arg-type]
    about.require(await visits.open_round(session, visit, policy, change.change_id))
    await _judge(session, visit, wish, act)
    before = await histories.snapshot(session, visit)
    _decide(change, rules.APPLIED, act)
    await session.flush()
    await _carry_out(session, visit, wish, act, change.proposed_by)
    change.old, change.new = rules.differences(before, await histories.snapshot(session, visit))
    await session.flush()


async def refuse(session: WriteSession, change: VisitChange, remark: str, act: Act) -> None:
    """Turn a change down; the visit stays as it is. Raises Conflict when it was decided."""
    rules.require_awaiting(change.state)
    change.remark = remark
    _decide(change, rules.REFUSED, act)
    await consent_repository.close_changes(session, change.visit_id, change.change_id)
    await session.flush()


async def withdraw(session: WriteSession, change: VisitChange, remark: str, act: Act) -> None:
    """Take back one's own change. Raises Conflict when it was decided or is somebody else's."""
    rules.require_awaiting(change.state)
    if change.proposed_by not in act.who.accounts:
        raise Conflict("只能撤回自己提出的变更", code="visit.change_of_another")
    change.remark = remark
    _decide(change, rules.WITHDRAWN, act)
    await consent_repository.close_changes(session, change.visit_id, change.change_id)
    await session.flush()


def _decide(change: VisitChange, state: str, act: Act) -> None:
    change.state, change.decided_by, change.decided_at = state, act.who.person, act.now


async def _judge(session: ReadSession, visit: Visit, wish: Wish, act: Act) -> None:
    """Raises Refused with every reason why a visit cannot change so, Conflict for a day that is taken."""
    policy = await Policies(session, visit.day).of(visit.area)
    about = visits.about_visit(visit, act.who.subject, act.now)
    if wish.kind == "officers":
        about.require(await _officer_objections(session, visit, wish, policy))
    elif wish.kind == "prolong":
        closes = visit_rules.window(visit.day, visit.opens_at, visit.closes_at).closes
        about.require(rules.prolonging(wish, closes, visit.minutes, act.now, policy))
    elif wish.kind == "reschedule":
        assert wish.day is not None
        about.require(await _day_objections(session, visit, wish.day, legal_date(act.now)))
        taken = await repository.taken_on(session, visit.enterprise_id, wish.day)
        if taken is not None and taken != visit.visit_id:
            options = [f"并入该检查（编号{taken}）", "另选日期"]
            raise Conflict("该企业当日已有检查", code="visit.day_taken", alternatives=options)


async def _day_objections(session: ReadSession, visit: Visit, day: date, today: date) -> list[Refusal]:
    workday = (await calendar_for(session)).is_workday(day)
    tasks = await task_repository.of_visits(session, [visit.visit_id])
    windows = [composing.days_of(task) for task in tasks]
    listed = [officer.officer_id for officer in await visits.officers_of(session, visit)]
    officers = await replicas.officers(session, listed)
    recused = await recusals.recused(session, visit.enterprise_id, day)
    basis = (await Policies(session, today).of(visit.area)).basis
    policy = await Policies(session, day).of(visit.area)
    return [
        *visit_rules.day_objections(day, today, windows, basis, workday=workday),
        *await task_usecases.outdated(session, tasks, today),
        *await visits.pressed(session, visit, day, tasks, policy),
        *people.objections(officers.values(), [], recused, day, basis),
    ]


async def _officer_objections(session: ReadSession, visit: Visit, wish: Wish, policy: Policy) -> list[Refusal]:
    staying = {o.officer_id: o.agency_id for o in await visits.officers_of(session, visit)}
    for officer_id in wish.remove:
        staying.pop(officer_id, None)
    coming = [officer_id for officer_id in wish.add if officer_id not in staying]
    new = await replicas.officers(session, coming)
    unknown = [officer_id for officer_id in coming if officer_id not in new]
    recused = await recusals.recused(session, visit.enterprise_id, visit.day)
    found = people.objections(new.values(), unknown, recused, visit.day, policy.basis)
    agencies = await visits.agencies_of(session, visit)
    for officer in new.values():
        if officer.agency_id not in agencies:
            message = f"{officer.name}不属于参加检查的机关"
            found.append(refusal("officer.other_agency", policy.basis.certificate, message, ["改派参加机关的执法人员"]))
    present = [*staying.values(), *(officer.agency_id for officer in new.values())]
    return [*found, *_numbers(present, visit, policy)]


def _numbers(agency_ids: Sequence[str], visit: Visit, policy: Policy) -> list[Refusal]:
    """Too few officers of the leading agency, or too many in all."""
    present, found = Counter(agency_ids), []
    if not people.enough(present, visit.lead_agency_id, policy):
        found.append(visit_rules.too_few(policy))
    limit = policy.merge.max_officers
    if present.total() > limit.value:
        found.append(refusal("visit.too_many_officers", limit, f"一次检查最多{limit.value}人", ["减少检查人数"]))
    return found


async def _carry_out(session: WriteSession, visit: Visit, wish: Wish, act: Act, by: str) -> None:
    if wish.kind == "cancel":
        await _cancel(session, visit, wish.reason, act.now, by)
        return
    revoked = codes.revoke(session, visit, act.now)
    if wish.kind == "officers":
        staying = {officer.officer_id for officer in await visits.officers_of(session, visit)} - set(wish.remove)
        new = await replicas.officers(session, [one for one in wish.add if one not in staying])
        await repository.dismiss(session, visit.visit_id, list(wish.remove))
        visits.add_officers(session, visit, list(new.values()))
    elif wish.kind == "reschedule":
        assert wish.day is not None
        visit.day, visit.closes_at = wish.day, None
        if visit.state == visit_rules.PROPOSED:
            await session.flush()
            await consents.ask_again(session, visit, act.now)
    else:
        visit.closes_at, visit.minutes = wish.until or visit.closes_at, wish.minutes or visit.minutes
    await visits.renew_code(session, visit, act.signer, act.now, wish.reason, revoked)


async def _cancel(session: WriteSession, visit: Visit, reason: str, now: datetime, by: str) -> None:
    """Cancel a visit and its tasks; their places in the year are free again."""
    tasks = await task_repository.of_visits(session, [visit.visit_id])
    await task_usecases.end(session, tasks, task_repository.CANCELLED, reason)
    await visits.call_off(session, visit, visit_rules.CANCELLED, reason, now, by)


async def locked(session: WriteSession, visit_id: str) -> Visit:
    """The visit as it is now, held until the transaction ends: approvals and changes take turns. Raises NotFound."""
    known = await repository.get(session, visit_id)
    # The enterprise before the visit, as everybody does who waits for both.
    await turns.take_turn(session, known.enterprise_id)
    return (await merges.locked_visits(session, [visit_id]))[visit_id]
