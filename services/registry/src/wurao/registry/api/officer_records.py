"""What is recorded of officers over HTTP: training, examinations, posts, legal reviewers."""

from typing import Annotated

from fastapi import Query, Response

from wurao.common.errors import NotFound
from wurao.common.unit import IfMatch, Read, Write, etag
from wurao.common.unit import router as unit_router
from wurao.common.web import Now
from wurao.registry.access import CanCertify, CanRead, CanRecordOfficers, sees_colleagues
from wurao.registry.api.officers import OfficerId, changeable
from wurao.registry.repository import officer_records as repository
from wurao.registry.repository import officers as officer_repository
from wurao.registry.schemas.base import AreaCode
from wurao.registry.schemas.officers import (
    Appointment,
    Dossier,
    ExaminationIn,
    ExaminationOut,
    OfficerOut,
    PostEnd,
    PostIn,
    PostOut,
    ReviewersReport,
    StandingOut,
    TrainingIn,
    TrainingOut,
)
from wurao.registry.usecases import legal_reviewers
from wurao.registry.usecases import officer_records as usecases

router = unit_router("officer records")


@router.post("/officers/{officer_id}/trainings", status_code=201)
async def add_training(
    officer_id: OfficerId, body: TrainingIn, who: CanRecordOfficers, session: Write, clock: Now
) -> TrainingOut:
    """Record a course; its hours count for the yearly review, and passing it for the certificate (DT-02)."""
    officer = await changeable(session, officer_id, who)
    return TrainingOut.model_validate(await usecases.train(session, officer, body, who.subject, clock.now()))


@router.post("/officers/{officer_id}/examinations", status_code=201)
async def add_examination(
    officer_id: OfficerId, body: ExaminationIn, who: CanCertify, session: Write, clock: Now
) -> ExaminationOut:
    """Record an examination; the latest counts, and failing it suspends a certificate at once (DT-02)."""
    officer = await changeable(session, officer_id, who)
    return ExaminationOut.model_validate(await usecases.examine(session, officer, body, who.subject, clock.now()))


@router.post("/officers/{officer_id}/posts", status_code=201)
async def take_post(officer_id: OfficerId, body: PostIn, who: CanRecordOfficers, session: Write, clock: Now) -> PostOut:
    """Put a person into an enforcement post; auxiliaries are refused (QZ-02)."""
    officer = await changeable(session, officer_id, who)
    return PostOut.model_validate(await usecases.take_post(session, officer, body, who.subject, clock.now()))


@router.post("/officers/{officer_id}/posts/end")
async def leave_post(
    officer_id: OfficerId,
    body: PostEnd,
    who: CanRecordOfficers,
    session: Write,
    clock: Now,
    if_match: IfMatch,
    response: Response,
) -> OfficerOut:
    """End a person's post; a certificate is suspended at once (DT-02)."""
    officer = await changeable(session, officer_id, who, if_match)
    await usecases.leave_post(session, officer, body, who.subject, clock.now())
    etag(response, officer.version)
    return OfficerOut.model_validate(officer)


@router.post("/officers/{officer_id}/legal-reviewer")
async def appoint_reviewer(
    officer_id: OfficerId,
    body: Appointment,
    who: CanRecordOfficers,
    session: Write,
    clock: Now,
    if_match: IfMatch,
    response: Response,
) -> OfficerOut:
    """Make a person a legal reviewer, or no longer; the first time only with the legal qualification (QZ-21)."""
    officer = await changeable(session, officer_id, who, if_match)
    await usecases.appoint(session, officer, body, clock.now())
    etag(response, officer.version)
    return OfficerOut.model_validate(officer)


@router.get("/officers/{officer_id}/dossier")
async def get_dossier(officer_id: OfficerId, who: CanRead, session: Read, response: Response) -> Dossier:
    """Everything recorded of an officer of the caller's agency or area; an officer reads the own dossier only."""
    if officer_id != who.officer_id and not sees_colleagues(who):
        raise NotFound("没有这名执法人员")
    officer = await officer_repository.seen(session, officer_id, who.scope())
    etag(response, officer.version)
    return Dossier(
        officer=OfficerOut.model_validate(officer),
        trainings=[TrainingOut.model_validate(row) for row in await repository.trainings(session, officer_id)],
        examinations=[ExaminationOut.model_validate(row) for row in await repository.examinations(session, officer_id)],
        posts=[PostOut.model_validate(row) for row in await repository.posts(session, officer_id)],
        decisions=[StandingOut.model_validate(row) for row in await repository.decisions(session, officer_id)],
    )


@router.get("/legal-reviewers")
async def legal_reviewers_of(
    who: CanRead, session: Read, clock: Now, area: Annotated[AreaCode, Query()]
) -> ReviewersReport:
    """The share of legal reviewers in an area and in each of its agencies that the caller sees (QZ-21)."""
    return await legal_reviewers.report(session, area, who.scope(), clock.today())
