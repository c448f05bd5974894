"""How much of what agencies may inspect stands on the random list, for anyone to read."""

from wurao.common.unit import Read
from wurao.common.unit import router as unit_router
from wurao.scheduling.access import Public
from wurao.scheduling.domain import random_list as rules
from wurao.scheduling.repository import random_list as repository
from wurao.scheduling.repository import replicas
from wurao.scheduling.schemas.random_list import AgencyShareOut, RandomListOut, ShareOut
from wurao.scheduling.schemas.shared import AreaCode

router = unit_router("random-list")


@router.get("/public/random-list")
async def random_list(area: AreaCode, who: Public, session: Read) -> RandomListOut:
    """The share of items on the random list, by agency and for the area (LX-08). No login."""
    counts = await repository.counts(session, area)
    shares = rules.by_agency(counts)
    agencies = await replicas.agencies(session, shares)
    return RandomListOut(
        area=area,
        whole=ShareOut.model_validate(rules.share(counts)),
        agencies=[
            AgencyShareOut(agency_id=agency_id, name=agencies[agency_id].name, **found._asdict())
            for agency_id, found in shares.items()
        ],
    )
