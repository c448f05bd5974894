"""The life of enterprises over HTTP: registered, changed, suspended, resumed, deregistered; their premises."""

from typing import Annotated

from fastapi import Depends, Path, Request, Response

from wurao.common.paging import CursorParam, LimitParam, Page, page
from wurao.common.unit import IfMatch, Read, Write, etag
from wurao.common.unit import router as unit_router
from wurao.common.web import Now
from wurao.registry.access import CanMaintain, CanSeeEnterprises
from wurao.registry.api.locate import locate
from wurao.registry.domain.enterprises import KINDS, SIZES, STATUSES, TAGS, VERBS
from wurao.registry.domain.industries import SECTIONS
from wurao.registry.repository import enterprises as repository
from wurao.registry.repository import lives
from wurao.registry.schemas.base import EnterpriseId, Identifier
from wurao.registry.schemas.enterprises import (
    Alteration,
    DeedOut,
    EnterpriseBrief,
    NewPremises,
    OldCode,
    PremisesOut,
    Registration,
    Step,
    Vocabulary,
)
from wurao.registry.tables import Enterprise, EnterpriseDeed
from wurao.registry.usecases import enterprises as enterprise_usecases
from wurao.registry.usecases import lives as usecases
from wurao.registry.usecases.lives import Act

router = unit_router("enterprises")

Id = Annotated[EnterpriseId, Path()]
PremisesId = Annotated[Identifier, Path()]


def _act(who: CanMaintain, clock: Now) -> Act:
    return Act(who, clock.today(), clock.now())


Acting = Annotated[Act, Depends(_act)]


def _shown(enterprise: Enterprise, response: Response) -> EnterpriseBrief:
    etag(response, enterprise.version)
    return EnterpriseBrief.model_validate(enterprise)


@router.get("/vocabulary/enterprises")
async def enterprise_vocabulary(who: CanSeeEnterprises) -> Vocabulary:
    """The words that enterprises are described with, and their Chinese names."""
    sections = {letter: name for letter, (name, _) in SECTIONS.items()}
    return Vocabulary(
        kinds=dict(KINDS), sizes=dict(SIZES), statuses=dict(STATUSES), tags=dict(TAGS), sections=sections,
        changes=dict(VERBS),
    )  # fmt: skip


@router.post("/enterprises", status_code=201)
async def register_enterprise(
    body: Registration, who: CanMaintain, act: Acting, session: Write, request: Request, response: Response
) -> EnterpriseBrief:
    """Register one enterprise in the caller's area; a branch names the enterprise that it belongs to."""
    enterprise = await usecases.register(session, body, act)
    locate(request, response, f"/v1/enterprises/{enterprise.enterprise_id}")
    return _shown(enterprise, response)


@router.patch("/enterprises/{enterprise_id}")
async def change_enterprise(
    enterprise_id: Id,
    body: Alteration,
    who: CanMaintain,
    act: Acting,
    session: Write,
    if_match: IfMatch,
    response: Response,
) -> EnterpriseBrief:
    """Change particulars; a former name stays on record, a move to other law grades anew."""
    return _shown(await usecases.change(session, enterprise_id, body, act, if_match), response)


@router.post("/enterprises/{enterprise_id}/suspend")
async def suspend_enterprise(
    enterprise_id: Id, body: Step, who: CanMaintain, act: Acting, session: Write, if_match: IfMatch, response: Response
) -> EnterpriseBrief:
    """Note that an enterprise suspends business; it is drawn for no inspection while it does."""
    return _shown(await usecases.take_step(session, enterprise_id, "suspended", body, act, if_match), response)


@router.post("/enterprises/{enterprise_id}/resume")
async def resume_enterprise(
    enterprise_id: Id, body: Step, who: CanMaintain, act: Acting, session: Write, if_match: IfMatch, response: Response
) -> EnterpriseBrief:
    """Note that an enterprise is in business again."""
    return _shown(await usecases.take_step(session, enterprise_id, "resumed", body, act, if_match), response)


@router.post("/enterprises/{enterprise_id}/deregister")
async def deregister_enterprise(
    enterprise_id: Id, body: Step, who: CanMaintain, act: Acting, session: Write, if_match: IfMatch, response: Response
) -> EnterpriseBrief:
    """Close an enterprise's record for good; facts and grades stay, and nobody may inspect it any more."""
    return _shown(await usecases.take_step(session, enterprise_id, "deregistered", body, act, if_match), response)


@router.get("/enterprises/{enterprise_id}/history")
async def enterprise_history(
    enterprise_id: Id, who: CanSeeEnterprises, session: Read, cursor: CursorParam = None, limit: LimitParam = 50
) -> Page[DeedOut]:
    """The changes in an enterprise's life, the newest first, with those of records that it took over."""
    await repository.seen(session, enterprise_id, await enterprise_usecases.sight_of(session, who))
    query = lives.deeds_of(await lives.with_merged(session, enterprise_id))
    rows, following = await page(session, query, EnterpriseDeed.deed_id, cursor=cursor, limit=limit, descending=True)
    return Page(items=[DeedOut.model_validate(row) for row in rows], next_cursor=following)


@router.get("/enterprises/{enterprise_id}/premises")
async def list_premises(enterprise_id: Id, who: CanSeeEnterprises, session: Read) -> list[PremisesOut]:
    """All places of business of an enterprise, closed ones too."""
    await repository.seen(session, enterprise_id, await enterprise_usecases.sight_of(session, who))
    return [PremisesOut.model_validate(row) for row in await lives.premises(session, enterprise_id)]


@router.post("/enterprises/{enterprise_id}/premises", status_code=201)
async def add_premises(
    enterprise_id: Id,
    body: NewPremises,
    who: CanMaintain,
    act: Acting,
    session: Write,
    if_match: IfMatch,
    request: Request,
    response: Response,
) -> PremisesOut:
    """Add one place of business."""
    row = await usecases.add_premises(session, enterprise_id, body, act, if_match)
    locate(request, response, f"/v1/enterprises/{enterprise_id}/premises")
    return PremisesOut.model_validate(row)


@router.post("/enterprises/{enterprise_id}/premises/{premises_id}/close")
async def close_premises(
    enterprise_id: Id,
    premises_id: PremisesId,
    body: Step,
    who: CanMaintain,
    act: Acting,
    session: Write,
    if_match: IfMatch,
) -> PremisesOut:
    """Close one place of business; it stays on record."""
    return PremisesOut.model_validate(
        await usecases.close_premises(session, enterprise_id, premises_id, body, act, if_match)
    )


@router.post("/enterprises/{enterprise_id}/former-codes")
async def add_former_code(
    enterprise_id: Id, body: OldCode, who: CanMaintain, act: Acting, session: Write, response: Response
) -> EnterpriseBrief:
    """Keep an old code of an enterprise: a registration number of 15 digits, or a credit code that was replaced."""
    return _shown(await usecases.add_code(session, enterprise_id, body, act), response)
