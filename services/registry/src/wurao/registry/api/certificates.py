"""Certificates over HTTP: verified in bulk for mobile back ends, one at a time for anybody at the door."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Path, Request

from wurao.common.db import ReadSession
from wurao.common.errors import NotFound
from wurao.common.unit import router as unit_router
from wurao.common.web import Now
from wurao.registry.access import CanVerify, Public
from wurao.registry.domain.officers import STANDINGS
from wurao.registry.schemas.officers import CertificateNo, PublicCertificate, Verification, Verified
from wurao.registry.usecases import verification
from wurao.registry.usecases.verification import Verdict

router = unit_router("certificates")


async def _unscoped(request: Request) -> AsyncIterator[ReadSession]:
    async with request.app.state.service.db.read() as session:
        yield session


# Who asks has no scope over officers, and learns only what these answers choose to tell.
UnscopedRead = Annotated[ReadSession, Depends(_unscoped, scope="function")]


@router.post("/officers/verify")
async def verify_officers(body: Verification, who: CanVerify, session: UnscopedRead, clock: Now) -> list[Verified]:
    """Whether up to 1,000 officers may enforce today, each with what to show and the reason if not."""
    found = await verification.verify(session, body.officer_ids, body.certificate_nos, body.agency_id, clock.today())
    named = len(body.officer_ids)
    return [_answer(verdict, by_id=at < named) for at, verdict in enumerate(found)]


@router.get("/public/certificates/{certificate_no}")
async def public_certificate(
    certificate_no: Annotated[CertificateNo, Path()], who: Public, session: UnscopedRead, clock: Now
) -> PublicCertificate:
    """Whether a certificate shown at the door is valid, whose it is and of which agency. No login."""
    [verdict] = await verification.verify(session, [], [certificate_no], None, clock.today())
    if verdict.officer is None or verdict.agency is None:
        raise NotFound("没有这个执法证件，企业有权拒绝检查")
    return PublicCertificate(
        certificate_no=certificate_no,
        name=verdict.officer.name,
        agency_name=verdict.agency.name,
        valid=verdict.objection is None,
        valid_to=verdict.officer.valid_to,
        message="证件有效" if verdict.objection is None else "证件当前无效，企业有权拒绝检查",
    )


def _answer(verdict: Verdict, *, by_id: bool) -> Verified:
    why, officer = verdict.objection, verdict.officer
    judged = Verified(
        asked=verdict.asked,
        officer_id=verdict.asked if by_id else officer and officer.officer_id,
        valid=why is None,
        code=why and why.code,
        clause=why and why.clause,
        message=why and why.message,
    )
    if officer is None:
        return judged
    shown = ("name", "agency_id", "unit", "certificate_no", "valid_from", "valid_to")
    return judged.model_copy(
        update={name: getattr(officer, name) for name in shown}
        | {"agency_name": verdict.agency and verdict.agency.name, "standing": STANDINGS[officer.standing]}
    )
