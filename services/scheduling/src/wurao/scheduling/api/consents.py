"""Rounds of consents over HTTP: each agency's inbox, its answers, and the joint plan that the regulator receives."""

from typing import Annotated

from fastapi import Query, Response

from wurao.common.auth import Principal
from wurao.common.contracts.shared import VisitItem
from wurao.common.db import ReadSession
from wurao.common.errors import Forbidden, NotFound
from wurao.common.paging import CursorParam, LimitParam, Page, page
from wurao.common.unit import IfMatch, Read, Write, check_match, etag
from wurao.common.unit import router as unit_router
from wurao.common.web import Now
from wurao.scheduling.access import CanConsent, CanRead, oversees
from wurao.scheduling.api.context import ReadAll
from wurao.scheduling.repository import consents as repository
from wurao.scheduling.repository import visits as visit_repository
from wurao.scheduling.schemas.checkonce import ConsentOut, JointVisitOut
from wurao.scheduling.schemas.shared import Identifier, WithReason
from wurao.scheduling.tables import Consent, Visit
from wurao.scheduling.usecases import consents as usecases

router = unit_router("consents")

State = Annotated[str | None, Query(pattern="^(open|consented|objected|silent|void)$")]


@router.get("/consents")
async def list_consents(
    who: CanRead,
    session: Read,
    state: State = None,
    agency_id: Annotated[Identifier | None, Query()] = None,
    cursor: CursorParam = None,
    limit: LimitParam = 50,
) -> Page[ConsentOut]:
    """What an agency is asked, and what it asked of others; with `state=open` its inbox (YZ-04)."""
    query = repository.listed(who.scope(), state=state, agency_id=agency_id)
    rows, following = await page(session, query, Consent.consent_id, cursor=cursor, limit=limit)
    return Page(items=[ConsentOut.model_validate(row) for row in rows], next_cursor=following)


@router.get("/consents/{consent_id}")
async def get_consent(consent_id: str, who: CanRead, session: Read, response: Response) -> ConsentOut:
    """One consent with its period explained."""
    consent = await repository.get(session, consent_id)
    if who.agency_id not in (consent.agency_id, consent.initiator_id) and not oversees(who, consent.area):
        raise NotFound("没有这份征求意见")
    return _answer(consent, response)


@router.post("/consents/{consent_id}/agree")
async def agree(
    consent_id: str, who: CanConsent, session: Write, clock: Now, if_match: IfMatch, response: Response
) -> ConsentOut:
    """Consent to a joint visit (YZ-04)."""
    consent = await _own(session, consent_id, who, if_match)
    await usecases.agree(session, consent, who.subject, clock.now())
    return _answer(consent, response)


@router.post("/consents/{consent_id}/object")
async def object_(
    consent_id: str,
    body: WithReason,
    who: CanConsent,
    session: Write,
    clock: Now,
    if_match: IfMatch,
    response: Response,
) -> ConsentOut:
    """Object to a joint visit with a reason; the agency's tasks leave it and are served apart (YZ-04)."""
    consent = await _own(session, consent_id, who, if_match)
    await usecases.object_(session, consent, body.reason, who.subject, clock.now())
    return _answer(consent, response)


@router.get("/joint-visits")
async def list_joint_visits(
    who: CanRead, session: ReadAll, cursor: CursorParam = None, limit: LimitParam = 50
) -> Page[JointVisitOut]:
    """The joint plan as sent to the caller's agency, which need not take part in the visits (YZ-04)."""
    if who.agency_id is None:
        raise Forbidden("只能由接收联合检查计划的机关查阅", code="other_agency")
    rows, following = await page(session, repository.copies(who.agency_id), Visit.visit_id, cursor=cursor, limit=limit)
    agencies = await visit_repository.agencies(session, [row.visit_id for row in rows])
    return Page(items=[_copy(row, agencies.get(row.visit_id, [])) for row in rows], next_cursor=following)


def _copy(visit: Visit, agencies: list[str]) -> JointVisitOut:
    own = {name: getattr(visit, name) for name in JointVisitOut.model_fields if name in visit.__mapper__.columns}
    items = [VisitItem.model_validate(item) for item in visit.items]
    return JointVisitOut.model_validate(own | {"agencies": agencies, "items": items})


async def _own(session: ReadSession, consent_id: str, who: Principal, if_match: int | None) -> Consent:
    consent = await repository.get(session, consent_id)
    who.require_agency(consent.agency_id)
    check_match(consent.version, if_match)
    return consent


def _answer(consent: Consent, response: Response) -> ConsentOut:
    etag(response, consent.version)
    return ConsentOut.model_validate(consent)
