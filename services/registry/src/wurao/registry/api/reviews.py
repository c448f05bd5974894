"""Reviews of certificates over HTTP."""

from typing import Annotated, Literal

from fastapi import Path, Query, Request, Response

from wurao.common.auth import Principal
from wurao.common.db import ReadSession
from wurao.common.errors import Forbidden
from wurao.common.paging import CursorParam, LimitParam, Page, page
from wurao.common.unit import Read, Write
from wurao.common.unit import router as unit_router
from wurao.common.web import Now
from wurao.registry.access import CanChangeStanding, CanSeeReviews, require_area, require_authority_over, stands_above
from wurao.registry.api.locate import locate
from wurao.registry.repository import agencies as agency_repository
from wurao.registry.repository import reviews as repository
from wurao.registry.schemas.base import Identifier
from wurao.registry.schemas.reviews import DecisionsIn, ReviewEntryOut, ReviewIn, ReviewOut
from wurao.registry.tables import OfficerReview, OfficerReviewEntry
from wurao.registry.usecases import reviews as usecases

router = unit_router("officer reviews")

ReviewId = Annotated[Identifier, Path()]
EntryState = Annotated[Literal["undecided", "overdue", "decided"] | None, Query()]


@router.post("/officer-reviews", status_code=201)
async def open_review(
    body: ReviewIn, who: CanChangeStanding, session: Write, clock: Now, request: Request, response: Response
) -> ReviewOut:
    """Put every certificate of an area or agency under review for a year, with the reasons to withdraw it (DT-02)."""
    area = await _area_of(session, body, who)
    review = await usecases.open_review(session, area, body.agency_id, body.year, who.subject, clock.now())
    locate(request, response, f"/v1/officer-reviews/{review.review_id}")
    return await usecases.progress(session, review, who.scope(), clock.now())


async def _area_of(session: ReadSession, body: ReviewIn, who: Principal) -> str:
    """The area under review. Raises Forbidden when the caller has no authority over it."""
    if body.agency_id is not None:
        agency = await agency_repository.get(session, body.agency_id)
        require_authority_over(who, agency.agency_id, agency.area)
        return agency.area
    assert body.area is not None
    if not stands_above(who):
        raise Forbidden("只能审验本机关人员的证件", code="other_agency")
    require_area(who, body.area)
    return body.area


@router.get("/officer-reviews")
async def list_reviews(
    who: CanSeeReviews, session: Read, clock: Now, cursor: CursorParam = None, limit: LimitParam = 50
) -> Page[ReviewOut]:
    """Reviews that concern the caller's agency or area, oldest first, with their progress."""
    query = repository.listed(who.scope())
    rows, following = await page(session, query, OfficerReview.review_id, cursor=cursor, limit=limit)
    items = [await usecases.progress(session, review, who.scope(), clock.now()) for review in rows]
    return Page(items=items, next_cursor=following)


@router.get("/officer-reviews/{review_id}")
async def get_review(review_id: ReviewId, who: CanSeeReviews, session: Read, clock: Now) -> ReviewOut:
    """A review and its progress among the certificates that the caller sees."""
    review = await repository.seen(session, review_id, who.scope())
    return await usecases.progress(session, review, who.scope(), clock.now())


@router.get("/officer-reviews/{review_id}/entries")
async def list_entries(
    review_id: ReviewId,
    who: CanSeeReviews,
    session: Read,
    clock: Now,
    state: EntryState = None,
    doubtful: bool | None = None,
    cursor: CursorParam = None,
    limit: LimitParam = 50,
) -> Page[ReviewEntryOut]:
    """The certificates under a review with reasons and decisions; those to withdraw are `doubtful`."""
    review = await repository.seen(session, review_id, who.scope())
    over = clock.now() > review.due_at
    query = repository.entries(review_id, who.scope(), over=over, state=state, doubtful=doubtful)
    rows, following = await page(session, query, OfficerReviewEntry.officer_id, cursor=cursor, limit=limit)
    items = [
        ReviewEntryOut.model_validate(row).model_copy(update={"overdue": over and row.decision is None}) for row in rows
    ]
    return Page(items=items, next_cursor=following)


@router.post("/officer-reviews/{review_id}/decisions")
async def decide(
    review_id: ReviewId, body: DecisionsIn, who: CanChangeStanding, session: Write, clock: Now
) -> ReviewOut:
    """Keep, renew or withdraw up to 500 certificates, all or none; withdrawals take effect at once (DT-02)."""
    review = await repository.seen(session, review_id, who.scope())
    await usecases.decide(session, review, body.decisions, who, clock.now())
    return await usecases.progress(session, review, who.scope(), clock.now())
