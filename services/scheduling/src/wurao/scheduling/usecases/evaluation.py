"""Evaluate how plans were carried out, period by period (CX-02, LX-17)."""

from dataclasses import dataclass

from wurao.common.contracts.shared import JsonObject
from wurao.common.db import ReadSession
from wurao.scheduling.domain.evaluation import TaskFigures, VisitFigures, share
from wurao.scheduling.domain.quarters import Period, of_year
from wurao.scheduling.repository import evaluation as repository


@dataclass(frozen=True, slots=True)
class Evaluated:
    """The figures of a period."""

    period: Period
    tasks: TaskFigures
    visits: VisitFigures

    def document(self) -> JsonObject:
        """The figures by name, shares in permille."""
        tasks, visits = self.tasks, self.visits
        return {
            "period": self.period.name,
            "title": self.period.title,
            "first": self.period.first.isoformat(),
            "last": self.period.last.isoformat(),
            "planned": tasks.planned,
            "done": tasks.done,
            "on_time": tasks.on_time,
            "lapsed": tasks.lapsed,
            "cancelled": tasks.cancelled,
            "done_permille": share(tasks.done, tasks.planned),
            "visits": visits.visits,
            "joint_visits": visits.joint,
            "joint_permille": visits.joint_permille,
            "visits_saved": visits.saved,
        }


async def of_period(session: ReadSession, area: str, period: Period, agency_id: str | None = None) -> Evaluated:
    """The figures of one period, of an agency or of all in an area."""
    by_plan = await repository.tasks(session, area, period.first, period.last, agency_id)
    visits = await repository.visits(session, area, period.first, period.last, agency_id)
    return Evaluated(period, repository.total(by_plan.values()), visits)


async def of_the_year(
    session: ReadSession, area: str, year: int, months: int, agency_id: str | None = None
) -> list[Evaluated]:
    """The figures of each period of a year."""
    return [await of_period(session, area, period, agency_id) for period in of_year(year, months)]
