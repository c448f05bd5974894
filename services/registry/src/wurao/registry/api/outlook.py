"""What would change a grade, and every grade that was, over HTTP."""

from typing import Annotated

from fastapi import Path

from wurao.common.paging import CursorParam, LimitParam, Page, page
from wurao.common.unit import Read
from wurao.common.unit import router as unit_router
from wurao.common.web import Now
from wurao.registry.access import CanSeeEnterprises
from wurao.registry.repository import enterprises as enterprise_repository
from wurao.registry.repository import grading as repository
from wurao.registry.schemas.base import EnterpriseId
from wurao.registry.schemas.grading import PastGrade
from wurao.registry.schemas.outlook import Outlook, Simulation, SimulationIn
from wurao.registry.tables import GradeRow
from wurao.registry.usecases import enterprises as enterprise_usecases
from wurao.registry.usecases import outlook as usecases

router = unit_router("grading")

Id = Annotated[EnterpriseId, Path()]


@router.get("/enterprises/{enterprise_id}/grades")
async def list_grades(
    enterprise_id: Id, who: CanSeeEnterprises, session: Read, cursor: CursorParam = None, limit: LimitParam = 50
) -> Page[PastGrade]:
    """Every grade as announced, the newest first, each with the reasons of its moment (LX-10)."""
    await enterprise_repository.seen(session, enterprise_id, await enterprise_usecases.sight_of(session, who))
    query = repository.grades_of(enterprise_id)
    rows, following = await page(session, query, GradeRow.grade_id, cursor=cursor, limit=limit, descending=True)
    return Page(items=[PastGrade.model_validate(row) for row in rows], next_cursor=following)


@router.post("/enterprises/{enterprise_id}/grade/simulate")
async def simulate(
    enterprise_id: Id, body: SimulationIn, who: CanSeeEnterprises, session: Read, clock: Now
) -> Simulation:
    """What the grade would be without some facts and with others; nothing is kept."""
    sight = await enterprise_usecases.sight_of(session, who)
    enterprise = await enterprise_repository.seen(session, enterprise_id, sight)
    return await usecases.simulate(session, enterprise, body, clock.today())


@router.get("/enterprises/{enterprise_id}/grade/outlook")
async def outlook(enterprise_id: Id, who: CanSeeEnterprises, session: Read, clock: Now) -> Outlook:
    """What each fact does to the grade, when it improves by itself, and the fewest facts to a better one."""
    sight = await enterprise_usecases.sight_of(session, who)
    enterprise = await enterprise_repository.seen(session, enterprise_id, sight)
    return await usecases.outlook(session, enterprise, clock.today())
