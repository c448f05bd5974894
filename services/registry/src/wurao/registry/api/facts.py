"""What becomes of facts over HTTP: withdrawn or corrected by their source, with the reasons kept."""

from typing import Annotated

from fastapi import Path, Request, Response

from wurao.common.auth import Principal
from wurao.common.db import WriteSession
from wurao.common.unit import Read, Write
from wurao.common.unit import router as unit_router
from wurao.common.web import Now
from wurao.registry.access import CanRecordFacts, CanSeeEnterprises, require_authority_over
from wurao.registry.api.locate import locate
from wurao.registry.repository import enterprises as enterprise_repository
from wurao.registry.repository import grading as repository
from wurao.registry.repository import repair as repair_repository
from wurao.registry.schemas.base import EnterpriseId, Identifier
from wurao.registry.schemas.grading import FactOut, Recorded
from wurao.registry.schemas.repair import ChangeOut, Correction, FactWithdrawal
from wurao.registry.tables import Enterprise
from wurao.registry.usecases import enterprises as enterprise_usecases
from wurao.registry.usecases import facts as usecases

router = unit_router("grading")

Id = Annotated[EnterpriseId, Path()]
FactId = Annotated[Identifier, Path()]


@router.post("/enterprises/{enterprise_id}/facts/{fact_id}/withdraw")
async def withdraw_fact(
    enterprise_id: Id, fact_id: FactId, body: FactWithdrawal, who: CanRecordFacts, session: Write, clock: Now
) -> Recorded:
    """Take a fact back: its source withdrew it, or the penalty was revoked. It is kept and counts no more (LX-10)."""
    enterprise = await _require_source(session, enterprise_id, fact_id, who)
    before, why = enterprise.grade, usecases.Ending(body.cause, body.reason, body.document)
    row = await usecases.withdraw(session, enterprise_id, fact_id, why, who.subject, clock.today(), clock.now())
    await session.refresh(enterprise)
    return Recorded(fact=FactOut.model_validate(row), grade=enterprise.grade, changed=before != enterprise.grade)


@router.post("/enterprises/{enterprise_id}/facts/{fact_id}/correct", status_code=201)
async def correct_fact(
    enterprise_id: Id,
    fact_id: FactId,
    body: Correction,
    who: CanRecordFacts,
    session: Write,
    clock: Now,
    request: Request,
    response: Response,
) -> Recorded:
    """Correct a fact: the old one is kept with the reason, a new one takes its place (LX-10)."""
    enterprise = await _require_source(session, enterprise_id, fact_id, who)
    before, why = enterprise.grade, usecases.Ending("corrected", body.reason, body.document)
    row = await usecases.correct(
        session, enterprise_id, fact_id, body.fact, why, who.subject, clock.today(), clock.now()
    )
    await session.refresh(enterprise)
    locate(request, response, f"/v1/enterprises/{enterprise_id}/facts/{row.fact_id}")
    return Recorded(fact=FactOut.model_validate(row), grade=enterprise.grade, changed=before != enterprise.grade)


@router.get("/enterprises/{enterprise_id}/facts/{fact_id}/changes")
async def list_changes(enterprise_id: Id, fact_id: FactId, who: CanSeeEnterprises, session: Read) -> list[ChangeOut]:
    """What became of a fact, by whom and why; facts are never deleted."""
    await enterprise_repository.seen(session, enterprise_id, await enterprise_usecases.sight_of(session, who))
    await repository.fact(session, enterprise_id, fact_id)
    return [ChangeOut.model_validate(row) for row in await repair_repository.changes_of(session, fact_id)]


async def _require_source(session: WriteSession, enterprise_id: str, fact_id: str, who: Principal) -> Enterprise:
    """The enterprise. Raises NotFound out of sight, Forbidden unless the caller's agency established the fact."""
    sight = await enterprise_usecases.sight_of(session, who)
    enterprise = await enterprise_repository.seen(session, enterprise_id, sight)
    fact = await repository.fact(session, enterprise_id, fact_id)
    require_authority_over(who, fact.agency_id or "", enterprise.area)
    return enterprise
