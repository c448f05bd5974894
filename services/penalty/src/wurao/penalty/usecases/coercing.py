"""Impose and lift coercive measures; those whose time is over are lifted by the clock (CL-18, CL-25)."""

from datetime import datetime

from wurao.common.auth import Principal
from wurao.common.clock import Clock, legal_date
from wurao.common.contracts.penalty import CoercionImposed, CoercionLifted
from wurao.common.contracts.shared import Refusal
from wurao.common.db import WriteSession
from wurao.common.errors import Conflict, Refused
from wurao.common.ids import new_id
from wurao.penalty.access import actor
from wurao.penalty.domain import clocks, coercion, heavy
from wurao.penalty.domain import procedure as steps
from wurao.penalty.domain.outcome import no_coercion_entry
from wurao.penalty.domain.policy import CoercionSection
from wurao.penalty.repository import cases as repository
from wurao.penalty.repository import money as rows
from wurao.penalty.schemas.money import MeasureIn
from wurao.penalty.tables import Case, Measure
from wurao.penalty.usecases import facts
from wurao.penalty.usecases.deciding import heavy_case

SWEEP_LIMIT = 500
EXPIRED = "查封、扣押期限届满，依法解除"


async def impose(session: WriteSession, case_id: str, body: MeasureIn, who: Principal, clock: Clock) -> Measure:
    """Impose a seal or seizure with the head's approval. Raises Refused (YZ-17, CX-10, CL-18)."""
    case = await repository.get(session, case_id)
    who.require_agency(case.agency_id)
    await facts.require_state(session, case, (steps.FILED, steps.NOTICED), "强制措施", clock.today())
    law = await facts.laws(session, case.area, case.act_on, clock.today())
    listed = no_coercion_entry(case.violation, case.circumstances, law.now)
    refusals = coercion.may_impose(body.softer_means_fail, listed, law.now.lists, law.bases)
    if actor(who) in {ref["officer_id"] for ref in case.officers}:
        refusals.append(_own_approval())
    if refusals:
        raise Refused(refusals)
    section = law.pack.section(CoercionSection, on=law.today)
    measure = Measure(
        measure_id=new_id(),
        case_id=case_id,
        **facts.scope_of(case),
        kind=body.kind,
        reason=body.reason,
        softer_means_fail=body.softer_means_fail,
        value_fen=body.value_fen,
        imposed_at=clock.now(),
        due=clocks.seal_due(law.today, section, law.calendar).due,
    )
    session.add(measure)
    facts.touch(case)
    await session.flush()
    session.record(_imposed(measure))
    if heavy.SEIZURE in law.procedure.heavy_kinds.value and heavy.SEIZURE not in case.heavy_grounds:
        await _file_as_heavy(session, case, clock)
    return measure


async def _file_as_heavy(session: WriteSession, case: Case, clock: Clock) -> None:
    """Where the pack counts seizure as heavy the case is filed at once (QZ-31)."""
    case.heavy_grounds = [*case.heavy_grounds, heavy.SEIZURE]
    await session.flush()
    session.record(heavy_case(case, clock))


def _own_approval() -> Refusal:
    return Refusal(
        code="measure.approved_by_case_officer",
        clause="CL-18",
        cite="行政强制法 第十八条",
        message="实施强制措施须经行政机关负责人批准，办案人员不得自行批准",
        alternatives=("报本机关负责人批准",),
    )


def _imposed(measure: Measure) -> CoercionImposed:
    return CoercionImposed(
        measure_id=measure.measure_id,
        case_id=measure.case_id,
        enterprise_id=measure.enterprise_id,
        agency_id=measure.agency_id,
        area=measure.area,
        kind=measure.kind,
        reason=measure.reason,
        imposed_at=measure.imposed_at,
        due=measure.due,
        version=measure.version,
    )


async def lift(session: WriteSession, measure_id: str, reason: str, who: Principal, clock: Clock) -> Measure:
    """Lift a measure. Raises Conflict when it is lifted already."""
    measure = await rows.measure(session, measure_id)
    who.require_agency(measure.agency_id)
    if measure.lifted_at is not None:
        raise Conflict("该强制措施已经解除", code="measure.lifted", clause="CL-25")
    await _lift(session, measure, reason, clock.now())
    return measure


async def _lift(session: WriteSession, measure: Measure, reason: str, now: datetime) -> None:
    measure.lifted_at, measure.lift_reason = now, reason
    await session.flush()
    session.record(
        CoercionLifted(
            measure_id=measure.measure_id,
            case_id=measure.case_id,
            enterprise_id=measure.enterprise_id,
            agency_id=measure.agency_id,
            area=measure.area,
            lifted_at=now,
            reason=reason,
            version=measure.version,
        )
    )


async def lift_expired(session: WriteSession, now: datetime) -> int:
    """Lift every measure whose last day has passed; how many (CL-25)."""
    expired = await rows.expired_measures(session, legal_date(now), SWEEP_LIMIT)
    for measure in expired:
        await _lift(session, measure, EXPIRED, now)
    return len(expired)
