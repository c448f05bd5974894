"""Open a case: for a violation that a visit found, or for an act that became known otherwise."""

from dataclasses import dataclass, field
from datetime import date

from wurao.common.auth import Principal
from wurao.common.clock import Clock
from wurao.common.contracts.penalty import CaseOpened
from wurao.common.contracts.shared import Refusal
from wurao.common.db import WriteSession
from wurao.common.errors import Conflict, Malformed, NotFound, Refused
from wurao.common.ids import new_id
from wurao.common.packs import Bases
from wurao.common.policy import calendar_for, pack_for
from wurao.penalty.domain.benchmark import require_in_time
from wurao.penalty.domain.people import case_officers
from wurao.penalty.domain.policy import ProcedureSection, StaffSection, TermSection, refusal
from wurao.penalty.domain.procedure import FILED
from wurao.penalty.domain.summary import party_of
from wurao.penalty.repository import cases as repository
from wurao.penalty.schemas.cases import OpenCase
from wurao.penalty.tables import Case, EnterpriseReplica, OfficerReplica, Violation
from wurao.penalty.usecases.facts import bases as bases_of
from wurao.penalty.usecases.facts import officer_of, refs


@dataclass
class _Ground:
    """What a case rests on, from a violation or from the caller."""

    enterprise_id: str
    enterprise_name: str
    agency_id: str
    area: str
    violation: str
    act_on: date
    found_on: date
    circumstances: list[str]
    officer_ids: list[str]
    description: str
    visit_id: str | None = None
    record_digest: str | None = None
    source: Violation | None = field(default=None, repr=False)


async def open_case(session: WriteSession, body: OpenCase, who: Principal, clock: Clock) -> Case:
    """Open a case with a number that leaves no gap. Raises Refused, NotFound, Malformed, Conflict."""
    today = clock.today()
    enterprise = await repository.enterprise(session, body.enterprise_id) if body.enterprise_id else None
    ground = await (
        _from_violation(session, body, today) if body.violation_id else _direct(session, body, enterprise, today)
    )
    who.require_agency(ground.agency_id)
    officers = await _check(session, body, ground, today)
    enterprise = enterprise or await repository.enterprise(session, ground.enterprise_id)
    number = await repository.next_number(session, ground.agency_id, today.year, "case")
    case = _build(body, ground, enterprise, officers, today)
    case.case_no = f"{ground.agency_id}-{today.year}-{number:05d}"
    session.add(case)
    if ground.source is not None:
        ground.source.state, ground.source.case_id = "filed", case.case_id
    await session.flush()
    session.record(_opened(case))
    return case


async def _from_violation(session: WriteSession, body: OpenCase, today: date) -> _Ground:
    """The open violation that the case takes up (QZ-23)."""
    found = await repository.get_violation(session, body.violation_id or "")
    if found.state != "open":
        order = (await bases_of(session, found.area, today)).procedure_order
        raise Conflict("该违法线索已经立案", code="violation.already_filed", clause=order.clause)
    return _Ground(
        enterprise_id=found.enterprise_id,
        enterprise_name=found.enterprise_name,
        agency_id=found.agency_id,
        area=found.area,
        violation=found.violation,
        act_on=found.found_on,
        found_on=found.found_on,
        circumstances=found.circumstances if body.circumstances is None else body.circumstances,
        officer_ids=found.officers if body.officer_ids is None else body.officer_ids,
        description=body.description or found.description,
        visit_id=found.visit_id,
        record_digest=found.record_digest,
        source=found,
    )


async def _direct(session: WriteSession, body: OpenCase, enterprise: EnterpriseReplica | None, today: date) -> _Ground:
    if enterprise is None:
        raise NotFound("没有这个企业")
    assert body.agency_id
    assert body.violation
    assert body.act_on
    assert body.officer_ids is not None
    return _Ground(
        enterprise_id=enterprise.enterprise_id,
        enterprise_name=enterprise.name,
        agency_id=body.agency_id,
        area=enterprise.area,
        violation=body.violation,
        act_on=body.act_on,
        found_on=body.found_on or today,
        circumstances=body.circumstances or [],
        officer_ids=body.officer_ids,
        description=body.description,
    )


async def _check(session: WriteSession, body: OpenCase, ground: _Ground, today: date) -> list[OfficerReplica]:
    """Dates, codes, standing of agency and officers, limitation; the officers that will handle the case."""
    if not ground.act_on <= (body.ended_on or ground.act_on) <= ground.found_on <= today:
        raise Malformed("日期应依次为：行为发生、行为终了、发现，均不晚于今日", code="case.dates")
    pack = await pack_for(session, ground.area, today)
    section = pack.section(ProcedureSection, on=today)
    _known_codes(ground.circumstances, section.circumstance_labels.value, "circumstances")
    _known_codes(body.situations, section.legal_review_situations.value, "situations")
    rows = list(await repository.officers(session, ground.officer_ids))
    agency = await repository.agency(session, ground.agency_id)
    minimum = pack.section(StaffSection, on=today).min_officers
    refusals = [] if agency is not None and agency.standing else [_no_standing(pack.section(Bases, on=today))]
    refusals += case_officers(ground.officer_ids, [officer_of(r) for r in rows], ground.agency_id, today, minimum)
    if refusals:
        raise Refused(refusals)
    require_in_time(
        body.ended_on or ground.act_on,
        ground.found_on,
        grave_harm=body.grave_harm,
        terms=pack.section(TermSection, on=today),
        calendar=await calendar_for(session),
    )
    return rows


def _known_codes(given: list[str], known: dict[str, str] | tuple[str, ...], name: str) -> None:
    strange = sorted(set(given) - set(known))
    if strange:
        message = f"未知代码：{'、'.join(strange)}"
        raise Malformed(
            message, code=f"{name}.unknown", fields=[{"field": name, "code": "unknown", "message": message}]
        )


def _no_standing(bases: Bases) -> Refusal:
    """Only a published body files cases (DT-01)."""
    message = "该机关未经公示为行政执法主体，不得立案"
    return refusal("case.agency_without_standing", bases.agency_published, message, "移送有管辖权的执法主体")


def _build(
    body: OpenCase,
    ground: _Ground,
    enterprise: EnterpriseReplica | None,
    officers: list[OfficerReplica],
    today: date,
) -> Case:
    return Case(
        case_id=new_id(),
        enterprise_id=ground.enterprise_id,
        enterprise_name=ground.enterprise_name,
        address=enterprise.address if enterprise else "",
        agency_id=ground.agency_id,
        area=ground.area,
        party=body.party or party_of(enterprise.kind if enterprise else ""),
        violation=ground.violation,
        violation_id=body.violation_id,
        visit_id=ground.visit_id,
        act_id=body.act_id,
        act_on=ground.act_on,
        ended_on=body.ended_on,
        found_on=ground.found_on,
        circumstances=sorted(set(ground.circumstances)),
        grave_harm=body.grave_harm,
        goods_value_fen=body.goods_value_fen,
        strict_liability=body.strict_liability,
        situations=sorted(set(body.situations)),
        officers=[
            {"officer_id": row.officer_id, "agency_id": row.agency_id, "name": row.name}
            for row in sorted(officers, key=lambda row: row.officer_id)
        ],
        description=ground.description,
        record_digest=ground.record_digest,
        state=FILED,
        opened_on=today,
        fine_fen=0,
        kinds=[],
        settled=False,
        heavy_grounds=[],
    )


def _opened(case: Case) -> CaseOpened:
    return CaseOpened(
        case_id=case.case_id,
        case_no=case.case_no,
        enterprise_id=case.enterprise_id,
        enterprise_name=case.enterprise_name,
        agency_id=case.agency_id,
        area=case.area,
        violation=case.violation,
        visit_id=case.visit_id,
        finding_id=case.violation_id,
        officers=refs(case),
        opened_on=case.opened_on,
        version=case.version,
    )
