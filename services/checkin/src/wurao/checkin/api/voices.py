"""What enterprises say, over HTTP."""

from fastapi import Response

from wurao.checkin.access import CanReadEvaluations, CanSpeak, Public
from wurao.checkin.api.shared import Signing
from wurao.checkin.domain.declines import WORDS
from wurao.checkin.domain.evaluation import Rating, figures
from wurao.checkin.repository import evaluations as repository
from wurao.checkin.repository import replicas
from wurao.checkin.schemas.fields import PathId
from wurao.checkin.schemas.voices import (
    DeclineIn,
    DeclineOut,
    EvaluationIn,
    EvaluationOut,
    EvaluationsOut,
    FiguresOut,
    UnfiledIn,
    UnfiledOut,
)
from wurao.checkin.usecases import voices as usecases
from wurao.common.area import covers
from wurao.common.errors import Forbidden, NotFound
from wurao.common.unit import Read, Write
from wurao.common.unit import router as unit_router
from wurao.common.web import Now

router = unit_router("voices")


@router.post("/declines", status_code=201)
async def decline(body: DeclineIn, who: CanSpeak, session: Write, clock: Now, response: Response) -> DeclineOut:
    """Record a lawful refusal: it counts as no fault of the enterprise (YZ-09, LX-03)."""
    who.require_enterprise(body.enterprise_id)
    row, basis = await usecases.decline(session, body.enterprise_id, body.reason, body.note, body.visit_id, clock.now())
    response.headers["Location"] = f"/v1/enterprises/{body.enterprise_id}/entries"
    verdict = "依法拒绝，不作为企业过错" if row.no_fault else "已记录，由监督机关核实"
    return DeclineOut(
        decline_id=row.decline_id,
        clause=basis.clause,
        cite=basis.cite,
        no_fault=row.no_fault,
        message=f"{WORDS[body.reason]}：{verdict}",
        declined_at=row.declined_at,
    )


@router.post("/unfiled-entries", status_code=201)
async def report_unfiled(body: UnfiledIn, who: CanSpeak, session: Write, clock: Now, response: Response) -> UnfiledOut:
    """Report an entry without approval or filing; the supervisors learn of it at once (QZ-13, CX-07)."""
    who.require_enterprise(body.enterprise_id)
    event = await usecases.report_unfiled(session, **body.model_dump(), now=clock.now())
    response.headers["Location"] = f"/v1/enterprises/{body.enterprise_id}/entries"
    return UnfiledOut.model_validate(event)


@router.post("/public/evaluations", status_code=201)
async def evaluate(body: EvaluationIn, who: Public, session: Write, codes: Signing, clock: Now) -> EvaluationOut:
    """Evaluate a finished visit with its action code, once, without a login (QZ-12)."""
    rating = Rating(body.satisfaction, body.code_shown, body.certificates_shown, body.disturbed, body.fees_asked)
    row = await usecases.evaluate(session, codes, body.code, rating, body.remark, clock.now())
    return EvaluationOut.model_validate(row)


@router.get("/agencies/{agency_id}/evaluations")
async def get_evaluations(agency_id: PathId, who: CanReadEvaluations, session: Read) -> EvaluationsOut:
    """Aggregates only; no rating can be traced to an enterprise (QZ-12)."""
    if who.scope().kind == "agency":
        who.require_agency(agency_id)
    else:
        agency = (await replicas.agencies(session, [agency_id])).get(agency_id)
        if agency is None:
            raise NotFound("没有这个执法主体")
        if who.area is None or not agency.area or not covers(who.area, agency.area):
            raise Forbidden("只能查看本地区的执法主体", code="other_area")
    tally = await repository.tally(session, agency_id)
    shown = figures(tally)
    return EvaluationsOut(
        agency_id=agency_id,
        count=tally.count,
        figures=FiguresOut.model_validate(shown) if shown else None,
    )
