"""Objections: filed by the enterprise, decided by somebody who had no part in it, carried out at once (LX-11)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, cast

from wurao.common.auth import Principal
from wurao.common.contracts.registry import GradeObjected, GradeObjectionDecided, GradeObjectionOverdue
from wurao.common.db import ReadSession, WriteSession
from wurao.common.errors import Conflict, NotFound, Refused
from wurao.common.ids import new_id
from wurao.common.policy import calendar_for
from wurao.registry.access import require_authority_over
from wurao.registry.domain import objections as rules
from wurao.registry.domain.adjustments import IN_FORCE, NOTICED
from wurao.registry.domain.class_lists import PROPOSED
from wurao.registry.domain.policy import AdjustmentSection, refusal
from wurao.registry.repository import adjustments as adjustment_repository
from wurao.registry.repository import class_lists, lives
from wurao.registry.repository import grading as grading_repository
from wurao.registry.repository import objections as repository
from wurao.registry.repository.enterprises import Sight
from wurao.registry.tables import Adjustment, ClassEntry, ClassList, Enterprise, Objection
from wurao.registry.usecases import adjustments, facts
from wurao.registry.usecases.facts import Ending

SWEPT = 200
LIFTABLE = (NOTICED, IN_FORCE)

Against = Literal["grade", "adjustment", "fact", "class_list"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is decided; `withdraw`: facts that turned out wrong."""

    upheld: bool
    reason: str
    remedies: str
    withdraw: tuple[str, ...]


async def file(
    session: WriteSession,
    enterprise: Enterprise,
    against: Against,
    target_id: str | None,
    reason: str,
    materials: Sequence[str],
    by: str,
    today: date,
    now: datetime,
) -> Objection:
    """File an objection; its clock starts. Raises NotFound, Conflict for what cannot be objected to, or again."""
    await lives.require_own_record(session, enterprise.enterprise_id)
    section = await adjustments.section_of(session, enterprise.area, today)
    target = await _target(session, enterprise.enterprise_id, against, target_id, section, today)
    if await repository.is_made(session, enterprise.enterprise_id, against, target):
        clause = section.objection_decision_days.clause
        message = "对此已经提出过异议；对处理结果不服的，可以依法申请复议或者提起诉讼"
        raise Conflict(message, code="objection.made_already", clause=clause)
    row = Objection(
        objection_id=new_id(),
        enterprise_id=enterprise.enterprise_id,
        area=enterprise.area,
        against=against,
        target_id=target,
        reason=reason,
        materials=list(materials),
        filed_by=by,
        filed_at=now,
        due_on=rules.due_on(today, section, await calendar_for(session)),
    )
    session.add(row)
    await session.flush()
    session.record(
        GradeObjected(
            objection_id=row.objection_id,
            enterprise_id=row.enterprise_id,
            area=row.area,
            against=against,
            target_id=target,
            due_on=row.due_on,
            clause=section.objection_decision_days.clause,
            version=row.version,
        )
    )
    return row


async def _target(
    session: WriteSession,
    enterprise_id: str,
    against: Against,
    target_id: str | None,
    section: AdjustmentSection,
    today: date,
) -> str:
    """What is objected to, as it stands."""
    if against == "grade":
        return await _grade(session, enterprise_id, section, today)
    if target_id is None:
        raise NotFound("没有写明对什么提出异议")
    if against == "fact":
        fact = await grading_repository.fact(session, enterprise_id, target_id)
        if fact.lapsed:
            raise Conflict("该信用记录已不再计入", code="objection.nothing_to_object_to")
        return fact.fact_id
    if against == "adjustment":
        sight = Sight(enterprise_id=enterprise_id)
        adjustment = await adjustment_repository.seen(session, target_id, sight)
        held = await adjustment_repository.locked(session, adjustment.adjustment_id)
        rules.require_open_to_objection(held.state, section)
        return held.adjustment_id
    listed = await session.get(ClassEntry, (target_id, enterprise_id))
    if listed is None or (await class_lists.locked(session, target_id)).state != PROPOSED:
        raise NotFound("没有待审定的清单列有本企业")
    return target_id


async def _grade(session: ReadSession, enterprise_id: str, section: AdjustmentSection, today: date) -> str:
    announced = await grading_repository.in_force(session, enterprise_id, today)
    if announced is None:
        clause = section.objection_decision_days.clause
        raise Conflict("企业还没有生效的等级", code="objection.nothing_to_object_to", clause=clause)
    return announced.grade_id


async def decide(
    session: WriteSession, row: Objection, verdict: Verdict, who: Principal, today: date, now: datetime
) -> Objection:
    """Decide an objection; what is upheld is carried out and the enterprise graded anew.

    Raises Refused, Conflict; Forbidden for what another agency established, unless the caller stands above agencies.
    """
    by = who.person
    section = await adjustments.section_of(session, row.area, today)
    adjustment = await _adjustment(session, row, today)
    await _require_authority(session, row, adjustment, verdict, who)
    involved = [row.filed_by, *await _proposers(session, row)]
    if adjustment is not None:
        involved += adjustments.involved(adjustment)
    row.state = rules.decide(row.state, by, involved, upheld=verdict.upheld, remedies=verdict.remedies, section=section)
    row.decided_by, row.decided_at, row.decision, row.remedies = by, now, verdict.reason, verdict.remedies
    await session.flush()
    session.record(
        GradeObjectionDecided(
            objection_id=row.objection_id,
            enterprise_id=row.enterprise_id,
            area=row.area,
            against=cast("Against", row.against),
            target_id=row.target_id,
            upheld=verdict.upheld,
            reason=verdict.reason,
            remedies=verdict.remedies,
            decided_at=now,
            version=row.version,
        )
    )
    if verdict.upheld:
        await _carry_out(session, row, verdict, adjustment, section, by, today, now)
    return row


async def _adjustment(session: WriteSession, row: Objection, today: date) -> Adjustment | None:
    """The adjustment that is objected to, itself or through the grade that it moves; held."""
    if row.against == "adjustment":
        return await adjustment_repository.locked(session, row.target_id)
    if row.against != "grade":
        return None
    enterprise_id = await lives.survivor(session, row.enterprise_id)
    hold = (await adjustment_repository.holds(session, [enterprise_id], today)).get(enterprise_id)
    return await adjustment_repository.locked(session, hold.adjustment_id) if hold else None


async def _require_authority(
    session: ReadSession, row: Objection, adjustment: Adjustment | None, verdict: Verdict, who: Principal
) -> None:
    """Each agency answers for what it established; those above agencies for all within their area."""
    named = {*verdict.withdraw, *([row.target_id] if row.against == "fact" else [])}
    facts_named = await grading_repository.facts_by_id(session, sorted(named))
    agencies = {fact.agency_id or "" for fact in facts_named.values()}
    if adjustment is not None:
        agencies.add(adjustment.agency_id)
    for agency_id in sorted(agencies):
        require_authority_over(who, agency_id, row.area)


async def _proposers(session: ReadSession, row: Objection) -> list[str]:
    if row.against != "class_list":
        return []
    listed = await session.get(ClassList, row.target_id)
    return [listed.proposed_by] if listed else []


async def _carry_out(
    session: WriteSession,
    row: Objection,
    verdict: Verdict,
    adjustment: Adjustment | None,
    section: AdjustmentSection,
    by: str,
    today: date,
    now: datetime,
) -> None:
    """Withdraw the facts that turned out wrong, lift the adjustment; the grade follows each."""
    wrong = (row.target_id,) if row.against == "fact" else verdict.withdraw
    named = bool(verdict.withdraw) and row.against != "adjustment"
    lifted = adjustment if adjustment is not None and adjustment.state in LIFTABLE and not named else None
    if not wrong and lifted is None and row.against in ("grade", "class_list"):
        message = "支持异议须写明撤回哪些信用记录"
        way = "写明应当撤回的信用记录编号，或者驳回异议并说明理由"
        raise Refused([refusal("objection.nothing_changes", section.objection_decision_days, message, way)])
    enterprise_id = await lives.survivor(session, row.enterprise_id)
    for fact_id in dict.fromkeys(wrong):
        why = Ending("objection", verdict.reason, f"异议{row.objection_id}")
        await facts.withdraw(session, enterprise_id, fact_id, why, by, today, now)
    if lifted is not None:
        await adjustments.lift(session, lifted, f"异议成立：{verdict.reason}", by, today, now)


async def escalate(session: WriteSession, today: date) -> int:
    """Tell supervision of objections that were not decided in time, once each; how many."""
    rows = await repository.overdue(session, today, SWEPT)
    for row in rows:
        section = await adjustments.section_of(session, row.area, today)
        row.told_overdue = True
        await session.flush()
        session.record(
            GradeObjectionOverdue(
                objection_id=row.objection_id,
                enterprise_id=row.enterprise_id,
                area=row.area,
                due_on=row.due_on,
                clause=section.objection_decision_days.clause,
                version=row.version,
            )
        )
    return len(rows)
