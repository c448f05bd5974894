"""Rounds of consents: joint visits proposed, answered, closed by silence; the market regulator told (YZ-04, YZ-06)."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from wurao.common.contracts.scheduling import ConsentAnswered, JointVisitProposed, VisitMoveProposed
from wurao.common.db import WriteSession
from wurao.common.errors import Conflict
from wurao.common.ids import new_id
from wurao.common.legalclock import DueDate
from wurao.common.policy import calendar_for
from wurao.common.workdays import WorkCalendar
from wurao.scheduling.domain import changes as change_rules
from wurao.scheduling.domain import visits as visit_rules
from wurao.scheduling.domain.checkonce import consent as rules
from wurao.scheduling.domain.policy import Policy
from wurao.scheduling.repository import changes, merges, replicas
from wurao.scheduling.repository import consents as repository
from wurao.scheduling.repository import tasks as task_repository
from wurao.scheduling.repository.facts import Policies
from wurao.scheduling.tables import Consent, Task, Visit, VisitChange
from wurao.scheduling.usecases import joint_copies, leaving


async def propose(
    session: WriteSession,
    visit: Visit,
    tasks: Sequence[Task],
    initiator: str,
    policy: Policy,
    calendar: WorkCalendar,
    now: datetime,
) -> None:
    """Ask the participants of a new or altered visit, or report a joint one at once where nobody need be asked."""
    if visit.version > 1:
        await repository.close(session, visit.visit_id)
    asked = rules.asked((task.agency_id for task in tasks), initiator, policy)
    if not asked:
        await joint_copies.report(session, visit, policy, now)
        return
    due = rules.due(now, policy, calendar)
    part = {one: [task.task_id for task in tasks if task.agency_id == one] for one in asked}
    clause = _ask(session, visit, part, initiator, visit.day, policy, due, now)
    await session.flush()
    session.record(
        JointVisitProposed(
            visit_id=visit.visit_id,
            merge_id=visit.merge_id,
            enterprise_id=visit.enterprise_id,
            area=visit.area,
            day=visit.day,
            initiator_agency_id=initiator,
            participants=tuple(asked),
            proposed_at=now,
            due=due.at,
            clause=clause,
            version=visit.version,
        )
    )


def _ask(
    session: WriteSession,
    visit: Visit,
    part: Mapping[str, list[str]],
    initiator: str,
    day: date,
    policy: Policy,
    due: DueDate,
    now: datetime,
    change_id: str | None = None,
) -> str:
    """Open a consent for each department, with its tasks; the clause on which they rest."""
    limit = policy.merge.consent_working_days
    assert limit is not None
    session.add_all(
        Consent(
            consent_id=new_id(),
            visit_id=visit.visit_id,
            change_id=change_id,
            agency_id=agency_id,
            initiator_id=initiator,
            enterprise_id=visit.enterprise_id,
            area=visit.area,
            day=day,
            task_ids=task_ids,
            state=rules.OPEN,
            proposed_at=now,
            due_at=due.at,
            reckoning=due.explain(),
            clause=limit.clause,
            cite=limit.cite,
        )
        for agency_id, task_ids in part.items()
    )
    return limit.clause


async def ask_to_move(session: WriteSession, visit: Visit, change: VisitChange, day: date, now: datetime) -> None:
    """Another day of an approved joint visit is put to the other departments; without a round they are told (YZ-04)."""
    held = await task_repository.of_visits(session, [visit.visit_id])
    others = sorted({task.agency_id for task in held} - {visit.lead_agency_id})
    if not others:
        return
    policy = await Policies(session, visit.day).of(visit.area)
    clause, due = policy.basis.approved_beforehand.clause, None
    if asked := rules.asked(others, visit.lead_agency_id, policy):
        due = rules.due(now, policy, await calendar_for(session))
        part = {one: [task.task_id for task in held if task.agency_id == one] for one in asked}
        clause = _ask(session, visit, part, visit.lead_agency_id, day, policy, due, now, change.change_id)
    await session.flush()
    session.record(
        VisitMoveProposed(
            visit_id=visit.visit_id,
            change_id=change.change_id,
            enterprise_id=visit.enterprise_id,
            area=visit.area,
            day=visit.day,
            wanted_day=day,
            reason=change.reason,
            initiator_agency_id=visit.lead_agency_id,
            participants=tuple(others),
            proposed_at=now,
            due=due.at if due else None,
            clause=clause,
            version=visit.version,
        )
    )


async def ask_again(session: WriteSession, visit: Visit, now: datetime) -> None:
    """The leading agency moved a proposed visit: who consented to another day is asked anew."""
    policy = await Policies(session, visit.day).of(visit.area)
    held = await task_repository.of_visits(session, [visit.visit_id])
    await propose(session, visit, held, visit.lead_agency_id, policy, await calendar_for(session), now)


async def agree(session: WriteSession, consent: Consent, by: str, now: datetime) -> None:
    """A participant consents. Raises Conflict when it has answered, or nothing waits for its answer any more."""
    visit = await _asked_of(session, consent)
    await _answer(session, consent, visit, rules.CONSENTED, by, now)
    await _close_round(session, visit, now)


async def object_(session: WriteSession, consent: Consent, reason: str, by: str, now: datetime) -> None:
    """A participant objects: its tasks leave the visit and are served apart; a move does not take place.

    Raises Conflict as `agree` does.
    """
    visit = await _asked_of(session, consent)
    await _answer(session, consent, visit, rules.OBJECTED, by, now, reason)
    if consent.change_id is not None:
        await _turn_down(session, consent, consent.change_id, reason, by, now)
        return
    await leaving.withdraw(session, visit, consent.agency_id, f"不同意合并检查：{reason}", now)
    await _close_round(session, visit, now)


async def fall_silent(session: WriteSession, consent: Consent, now: datetime) -> None:
    """The period ran out without an answer: that is consent; nothing is left to consent to if the visit is over."""
    visit = await _held(session, consent)
    if not await _waits(session, consent, visit):
        consent.state = rules.VOID
        return
    await _answer(session, consent, visit, rules.SILENT, None, now, "期限届满未答复，视为同意")
    await _close_round(session, visit, now)


async def _held(session: WriteSession, consent: Consent) -> Visit:
    """The visit, held: of answers at once the later one sees the earlier one, so the last closes the round."""
    return (await merges.locked_visits(session, [consent.visit_id]))[consent.visit_id]


async def _asked_of(session: WriteSession, consent: Consent) -> Visit:
    visit = await _held(session, consent)
    rules.require_open(consent.state)
    if not await _waits(session, consent, visit):
        raise Conflict("该检查已不在待批准状态", code="consent.not_open")
    return visit


async def _waits(session: WriteSession, consent: Consent, visit: Visit) -> bool:
    """Tell whether an approval waits for the answer: the visit's, or that of the change that it is about."""
    if consent.change_id is None:
        return visit.state == visit_rules.PROPOSED
    change = await changes.get(session, visit.visit_id, consent.change_id)
    return visit.state == visit_rules.APPROVED and change.state == change_rules.AWAITING


async def _turn_down(
    session: WriteSession, consent: Consent, change_id: str, reason: str, by: str, now: datetime
) -> None:
    """A department that takes part does not agree to another day: visit and code stay as they are."""
    change = await changes.get(session, consent.visit_id, change_id)
    known = await replicas.agencies(session, [consent.agency_id])
    name = known[consent.agency_id].name if consent.agency_id in known else consent.agency_id
    change.state, change.decided_by, change.decided_at = change_rules.REFUSED, by, now
    change.remark = change_rules.objected(name, reason)
    await repository.close_changes(session, consent.visit_id, change_id)
    await session.flush()


async def _answer(
    session: WriteSession, consent: Consent, visit: Visit, state: str, by: str | None, now: datetime, reason: str = ""
) -> None:
    consent.state, consent.answered_by, consent.answered_at, consent.reason = state, by, now, reason
    await session.flush()
    session.record(
        ConsentAnswered(
            visit_id=visit.visit_id,
            consent_id=consent.consent_id,
            change_id=consent.change_id,
            enterprise_id=visit.enterprise_id,
            area=visit.area,
            agency_id=consent.agency_id,
            initiator_agency_id=consent.initiator_id,
            answer=state,
            reason=reason,
            answered_at=now,
            clause=consent.clause,
            version=visit.version,
        )
    )


async def _close_round(session: WriteSession, visit: Visit, now: datetime) -> None:
    """When everybody has answered, the joint visit goes to the agency that the pack names."""
    if visit.state == visit_rules.PROPOSED and not await repository.waiting(session, visit.visit_id):
        policy = await Policies(session, visit.day).of(visit.area)
        await joint_copies.report(session, visit, policy, now)
