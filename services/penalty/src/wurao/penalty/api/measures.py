"""Coercive measures over HTTP."""

from typing import Annotated

from fastapi import Path, Response

from wurao.common.unit import IfMatch, Read, Write, check_match, etag
from wurao.common.unit import router as unit_router
from wurao.common.web import Now
from wurao.penalty.access import CanHead, CanRead
from wurao.penalty.api.cases import CaseId
from wurao.penalty.repository import money as repository
from wurao.penalty.schemas.money import LiftIn, MeasureIn, MeasureOut
from wurao.penalty.usecases import coercing, viewing

router = unit_router("measures")

MeasureId = Annotated[str, Path(pattern=r"^[A-Za-z0-9-]{1,64}$")]


@router.post("/cases/{case_id}/measures", status_code=201)
async def impose(
    case_id: CaseId, body: MeasureIn, who: CanHead, session: Write, clock: Now, response: Response
) -> MeasureOut:
    """Impose a seal or seizure, approved by the head (CL-18, YZ-17, CX-10)."""
    measure = await coercing.impose(session, case_id, body, who, clock)
    response.headers["Location"] = f"/v1/cases/{case_id}/measures"
    etag(response, measure.version)
    return MeasureOut.model_validate(measure)


@router.get("/cases/{case_id}/measures")
async def list_measures(case_id: CaseId, who: CanRead, session: Read) -> list[MeasureOut]:
    """The measures of a case."""
    case = await viewing.readable(session, case_id, who)
    return [MeasureOut.model_validate(row) for row in await repository.measures(session, case.case_id)]


@router.post("/measures/{measure_id}/lift")
async def lift(
    measure_id: MeasureId, body: LiftIn, who: CanHead, session: Write, clock: Now, if_match: IfMatch, response: Response
) -> MeasureOut:
    """Lift a measure (CL-25)."""
    if if_match is not None:
        check_match((await repository.measure(session, measure_id)).version, if_match)
    measure = await coercing.lift(session, measure_id, body.reason, who, clock)
    etag(response, measure.version)
    return MeasureOut.model_validate(measure)
