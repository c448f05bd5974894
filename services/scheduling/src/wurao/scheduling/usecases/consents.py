"""Rounds of consents: joint visits proposed, answered, closed by silence; the market regulator told (YZ-04, YZ-06)."""

from collections.abc import Sequence
from datetime import datetime

from wurao.common.contracts.scheduling import ConsentAnswered, JointVisitProposed
from wurao.common.db import WriteSession
from wurao.common.errors import Conflict
from wurao.common.ids import new_id
from wurao.common.policy import calendar_for
from wurao.common.workdays import WorkCalendar
from wurao.scheduling.domain import visits as visit_rules
from wurao.scheduling.domain.checkonce import consent as rules
from wurao.scheduling.domain.policy import Policy
from wurao.scheduling.repository import consents as repository
from wurao.scheduling.repository import merges
from wurao.scheduling.repository import tasks as task_repository
from wurao.scheduling.repository.facts import Policies
from wurao.scheduling.tables import Consent, Task, Visit
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
    limit, due = policy.merge.consent_working_days, rules.due(now, policy, calendar)
    assert limit is not None
    for agency_id in asked:
        session.add(
            Consent(
                consent_id=new_id(),
                visit_id=visit.visit_id,
                agency_id=agency_id,
                initiator_id=initiator,
                enterprise_id=visit.enterprise_id,
                area=visit.area,
                day=visit.day,
                task_ids=[task.task_id for task in tasks if task.agency_id == agency_id],
                state=rules.OPEN,
                proposed_at=now,
                due_at=due.at,
                reckoning=due.explain(),
                clause=limit.clause,
                cite=limit.cite,
            )
        )
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
            clause=limit.clause,
            version=visit.version,
        )
    )


async def ask_again(session: WriteSession, visit: Visit, now: datetime) -> None:
    """The leading agency moved a proposed visit: who consented to another day is asked anew."""
    policy = await Policies(session, visit.day).of(visit.area)
    held = await task_repository.of_visits(session, [visit.visit_id])
    await propose(session, visit, held, visit.lead_agency_id, policy, await calendar_for(session), now)


async def agree(session: WriteSession, consent: Consent, by: str, now: datetime) -> None:
    """A participant consents. Raises Conflict when it has answered or the visit is no longer proposed."""
    visit = await _asked_of(session, consent)
    await _answer(session, consent, visit, rules.CONSENTED, by, now)
    await _close_round(session, visit, now)


async def object_(session: WriteSession, consent: Consent, reason: str, by: str, now: datetime) -> None:
    """A participant objects: its tasks leave the visit and are served apart. Raises Conflict as `agree` does."""
    visit = await _asked_of(session, consent)
    await _answer(session, consent, visit, rules.OBJECTED, by, now, reason)
    await leaving.withdraw(session, visit, consent.agency_id, f"不同意合并检查：{reason}", now)
    await _close_round(session, visit, now)


async def fall_silent(session: WriteSession, consent: Consent, now: datetime) -> None:
    """The period ran out without an answer: that is consent; nothing is left to consent to if the visit is over."""
    visit = await _held(session, consent)
    if visit.state != visit_rules.PROPOSED:
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
    if visit.state != visit_rules.PROPOSED:
        raise Conflict("该检查已不在待批准状态", code="consent.not_open")
    return visit


async def _answer(
    session: WriteSession, consent: Consent, visit: Visit, state: str, by: str | None, now: datetime, reason: str = ""
) -> None:
    consent.state, consent.answered_by, consent.answered_at, consent.reason = state, by, now, reason
    await session.flush()
    session.record(
        ConsentAnswered(
            visit_id=visit.visit_id,
            consent_id=consent.consent_id,
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
