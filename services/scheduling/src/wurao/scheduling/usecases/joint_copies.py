"""Joint visits of the plan go to the agency that the pack names, the market regulator for one (YZ-04)."""

from datetime import datetime

from wurao.common.contracts.scheduling import JointVisitReported
from wurao.common.contracts.shared import VisitItem
from wurao.common.db import WriteSession
from wurao.scheduling.domain.policy import Policy
from wurao.scheduling.repository import replicas
from wurao.scheduling.repository import visits as repository
from wurao.scheduling.tables import JointCopy, Visit


async def report(session: WriteSession, visit: Visit, policy: Policy, now: datetime) -> None:
    """Send a joint visit, again when it was altered; nothing where the pack names nobody or one agency goes alone."""
    line = policy.plan.joint_copy_to
    if line is None:
        return
    agencies = (await repository.agencies(session, [visit.visit_id])).get(visit.visit_id, [])
    if len(agencies) < 2:
        return
    recipient = await replicas.of_line(session, line.value, visit.area)
    if recipient is None:
        return
    copy = await session.get(JointCopy, visit.visit_id)
    if copy is None:
        copy = JointCopy(visit_id=visit.visit_id, merge_id=visit.merge_id, area=visit.area)
        session.add(copy)
    copy.recipient_id, copy.sent_at = recipient.agency_id, now
    await session.flush()
    session.record(
        JointVisitReported(
            visit_id=visit.visit_id,
            merge_id=visit.merge_id,
            recipient_agency_id=recipient.agency_id,
            enterprise_id=visit.enterprise_id,
            enterprise_name=visit.enterprise_name,
            area=visit.area,
            day=visit.day,
            lead_agency_id=visit.lead_agency_id,
            agencies=tuple(agencies),
            items=tuple(VisitItem.model_validate(item) for item in visit.items),
            kind=visit.kind,
            reported_at=now,
            clause=line.clause,
            version=visit.version,
        )
    )
