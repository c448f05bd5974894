"""Officers' days over HTTP."""

from typing import Annotated

from fastapi import Query

from wurao.common.errors import Malformed
from wurao.common.unit import Read, Write
from wurao.common.unit import router as unit_router
from wurao.common.web import Now
from wurao.scheduling.access import CanPlan, CanRead, require_agency_or_oversight
from wurao.scheduling.repository import replicas
from wurao.scheduling.schemas.checkonce import LONGEST_RANGE, OfficerDayOut, OfficerDaysIn, OfficerDaysOut
from wurao.scheduling.schemas.shared import Day, Identifier
from wurao.scheduling.usecases import officer_days as usecases

router = unit_router("officer-days")


@router.get("/agencies/{agency_id}/officer-days")
async def get_officer_days(
    agency_id: Identifier,
    from_: Annotated[Day, Query(alias="from")],
    to: Annotated[Day, Query()],
    who: CanRead,
    session: Read,
) -> OfficerDaysOut:
    """The officers that merging counts with on each working day: as the agency said, else all who are valid (QZ-06)."""
    await usecases.require_agency(session, agency_id)
    require_agency_or_oversight(who, agency_id, (await replicas.agencies(session, [agency_id]))[agency_id].area)
    if not 0 <= (to - from_).days <= LONGEST_RANGE:
        raise Malformed("起止日期应当相隔0至366天", code="officer_days.bad_range")
    days = await usecases.between(session, agency_id, from_, to)
    return OfficerDaysOut(
        agency_id=agency_id, days=[OfficerDayOut.model_validate(day, from_attributes=True) for day in days]
    )


@router.put("/agencies/{agency_id}/officer-days")
async def put_officer_days(
    agency_id: Identifier, body: OfficerDaysIn, who: CanPlan, session: Write, clock: Now
) -> OfficerDaysOut:
    """Say how many officers can go on working days; a later merge moves proposed visits that no longer fit (QZ-06)."""
    who.require_agency(agency_id)
    said = [(one.date, one.officers) for one in body.days]
    await usecases.say(session, agency_id, said, who.subject, clock.now())
    first, last = min(day for day, _ in said), max(day for day, _ in said)
    days = await usecases.between(session, agency_id, first, last)
    return OfficerDaysOut(
        agency_id=agency_id, days=[OfficerDayOut.model_validate(day, from_attributes=True) for day in days]
    )
