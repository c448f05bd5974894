"""Give and take back approvals of inspections outside an agency's own area (QZ-18)."""

from datetime import date, datetime, timedelta

from wurao.common import area as areas
from wurao.common.auth import Principal, Role
from wurao.common.db import WriteSession
from wurao.common.errors import Conflict, Forbidden, Malformed, NotFound
from wurao.common.ids import new_id
from wurao.scheduling.access import oversees
from wurao.scheduling.domain.gate import AgencyFact
from wurao.scheduling.repository import area_approvals as repository
from wurao.scheduling.repository import replicas
from wurao.scheduling.tables import AreaApproval, Enterprise

LONGEST = timedelta(days=366)


async def approve(
    session: WriteSession,
    who: Principal,
    *,
    number: str,
    agency_id: str,
    enterprise_id: str,
    reason: str,
    until: date,
    now: datetime,
    today: date,
) -> AreaApproval:
    """Record an approval: by the superior's head, or from the paper by those who watch over the enterprise's area.

    Raises NotFound, Forbidden, Malformed, and Conflict where none is needed or the number is on record.
    """
    if not today <= until <= today + LONGEST:
        raise Malformed("批准的期限应在今日至一年之内", code="area_approval.until")
    enterprise = await session.get(Enterprise, enterprise_id)
    known = await replicas.agencies(session, [agency_id, who.agency_id or ""])
    agency = known.get(agency_id)
    if enterprise is None or agency is None:
        raise NotFound("没有这个企业或者机关")
    if areas.covers(agency.area, enterprise.area):
        raise Conflict("该企业在本机关管辖区域内，无需批准", code="area_approval.not_needed")
    superior = areas.common_superior(agency.area, enterprise.area)
    approver = known.get(who.agency_id or "")
    by_head = Role.HEAD in who.roles and approver is not None and _is_superior(approver, agency, superior)
    if not by_head and not oversees(who, enterprise.area):
        message = "只有共同上一级机关负责人批准，或者由企业所在地监督机关核对批准文件后登记"
        raise Forbidden(message, code="area_approval.not_superior")
    if await repository.find(session, (enterprise_id, agency_id, number)) is not None:
        raise Conflict("该批准文号已经登记", code="area_approval.known")
    approval = AreaApproval(
        approval_id=new_id(),
        number=number,
        agency_id=agency_id,
        enterprise_id=enterprise_id,
        area=enterprise.area,
        superior=superior,
        reason=reason,
        until=until,
        approved_by=who.person,
        approver_agency_id=approver.agency_id if by_head and approver is not None else None,
        approved_at=now,
    )
    session.add(approval)
    await session.flush()
    return approval


def _is_superior(approver: AgencyFact, agency: AgencyFact, superior: str) -> bool:
    """Tell whether an agency stands above another in its line, at the common superior's level or above."""
    return (
        approver.agency_id != agency.agency_id
        and approver.line == agency.line
        and areas.covers(approver.area, superior)
    )


async def withdraw(session: WriteSession, approval: AreaApproval, who: Principal, now: datetime) -> AreaApproval:
    """Take an approval back: tasks that rest on it are not approved any more. Raises Forbidden, Conflict."""
    gave = Role.HEAD in who.roles and who.agency_id is not None and who.agency_id == approval.approver_agency_id
    if not gave and not oversees(who, approval.area):
        raise Forbidden("只有批准的机关或者企业所在地监督机关可以撤回", code="area_approval.not_superior")
    if approval.withdrawn_at is not None:
        raise Conflict("批准已经撤回", code="area_approval.withdrawn")
    approval.withdrawn_at = now
    await session.flush()
    return approval
