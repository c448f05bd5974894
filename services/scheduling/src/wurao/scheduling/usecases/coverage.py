"""Watch over special fields: whom nobody inspected within the period is told once, until somebody does (BE-54)."""

from collections.abc import Sequence
from datetime import date, datetime

from wurao.common import area as areas
from wurao.common.clock import legal_date
from wurao.common.contracts.scheduling import InspectionCaughtUp, InspectionOverdue
from wurao.common.db import WriteSession
from wurao.scheduling.domain import coverage as rules
from wurao.scheduling.domain.policy import CoverageSection
from wurao.scheduling.repository import conference
from wurao.scheduling.repository import coverage as repository
from wurao.scheduling.repository.facts import Policies
from wurao.scheduling.tables import Coverage, CoverageScan, Enterprise


async def watch(session: WriteSession, now: datetime) -> int:
    """Watch enterprises that are new, and tell of those that became overdue; a bounded number each time.

    An area with a pack of its own is looked after under that pack alone.
    """
    today = legal_date(now)
    policies = Policies(session, today)
    governed = await conference.governed_areas(session, today)
    for area in governed:
        elsewhere = [other for other in governed if other != area and areas.covers(area, other)]
        await _look_through(session, area, elsewhere, (await policies.of(area)).coverage, today)
    told = 0
    for row, enterprise in await repository.overdue(session, today):
        told += await _tell(session, row, enterprise, policies, today)
    return told


async def _look_through(
    session: WriteSession, area: str, elsewhere: Sequence[str], policy: CoverageSection, today: date
) -> None:
    """Watch enterprises of an area that are new to its special fields; once a day, since it reads the whole area."""
    scan = await session.get(CoverageScan, area)
    if scan is not None and scan.scanned_on >= today:
        return
    fresh = await repository.unwatched(session, area, elsewhere, policy.fields.value)
    known = await repository.last_inspections(session, [enterprise.enterprise_id for enterprise in fresh])
    for enterprise in fresh:
        field = rules.field_of(enterprise.tags, policy.fields.value)
        assert field is not None
        last = known.get(enterprise.enterprise_id)
        row = Coverage(enterprise_id=enterprise.enterprise_id, area=enterprise.area, field=field, since=today)
        row.last_on, row.due_on = last, rules.due_on(today, last, policy.every_months.value)
        session.add(row)
    if len(fresh) < repository.BATCH:
        await session.merge(CoverageScan(area=area, scanned_on=today))
    await session.flush()


async def _tell(session: WriteSession, row: Coverage, enterprise: Enterprise, policies: Policies, today: date) -> int:
    policy = (await policies.of(enterprise.area)).coverage
    field = rules.field_of(enterprise.tags, policy.fields.value)
    if field is None or enterprise.status != "registered":
        await session.delete(row)
        return 0
    row.area, row.field = enterprise.area, field
    row.due_on = rules.due_on(row.since, row.last_on, policy.every_months.value)
    if not rules.is_overdue(row.due_on, today):
        return 0
    row.told_on = today
    await session.flush()
    session.record(
        InspectionOverdue(
            enterprise_id=row.enterprise_id,
            enterprise_name=enterprise.name,
            area=row.area,
            field=row.field,
            last_inspected=row.last_on,
            due=row.due_on,
            since=row.since,
            clause=policy.fields.clause,
            version=row.version,
        )
    )
    return 1


async def changed(session: WriteSession, enterprise: Enterprise, today: date) -> None:
    """An enterprise changed: it is watched where it is now, and no more once it left the special fields.

    Nobody owes it an inspection then: what was told as overdue is settled.
    """
    row = await session.get(Coverage, enterprise.enterprise_id)
    if row is None:
        return
    policy = (await Policies(session, today).of(enterprise.area)).coverage
    field = rules.field_of(enterprise.tags, policy.fields.value)
    if field is not None and enterprise.status == "registered":
        row.area, row.field = enterprise.area, field
        return
    if row.told_on is not None:
        reason = "不再属于应当全覆盖检查的领域" if field is None else "企业已经歇业或者注销"
        session.record(_caught_up(row, row.due_on, reason, row.version + 1))
    await session.delete(row)


def _caught_up(row: Coverage, due: date, reason: str, version: int) -> InspectionCaughtUp:
    return InspectionCaughtUp(
        enterprise_id=row.enterprise_id, area=row.area, due=due, since=row.since, reason=reason, version=version
    )


async def inspected(session: WriteSession, enterprise_id: str, on: date) -> None:
    """An inspection ended: the period begins anew, and what was overdue is caught up with."""
    row = await session.get(Coverage, enterprise_id)
    if row is None or (row.last_on is not None and row.last_on >= on):
        return
    policy = (await Policies(session, on).of(row.area)).coverage
    due, told = row.due_on, row.told_on
    row.last_on, row.told_on = on, None
    row.due_on = rules.due_on(row.since, on, policy.every_months.value)
    await session.flush()
    if told is not None:
        session.record(_caught_up(row, due, "已经实施检查", row.version))
