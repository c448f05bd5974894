"""Tasks counted by agency, month and ground."""

from datetime import datetime

from sqlalchemy import ColumnElement, func, select

from wurao.common import area as areas
from wurao.common.db import ReadSession
from wurao.scheduling.domain.exemptions import Counted
from wurao.scheduling.tables import Task


async def counted(session: ReadSession, area: str, since: datetime, until: datetime) -> list[Counted]:
    """On-site tasks of an area that were created within a period, cancelled ones too: the exemption was claimed."""
    month = _legal_month(session)
    query = (
        select(Task.agency_id, month, Task.ground, func.count())
        .where(
            Task.area.startswith(areas.prefix(area), autoescape=True),
            Task.method == "on_site",
            Task.created_at >= since,
            Task.created_at < until,
        )
        .group_by(Task.agency_id, month, Task.ground)
    )
    return [Counted(*row) for row in (await session.execute(query)).all()]


def _legal_month(session: ReadSession) -> ColumnElement[str]:
    """The month (`2026-03`) in Asia/Shanghai in which a task was created."""
    if session.get_bind().dialect.name == "postgresql":
        return func.to_char(func.timezone("Asia/Shanghai", Task.created_at), "YYYY-MM")
    return func.strftime("%Y-%m", Task.created_at, "+8 hours")
