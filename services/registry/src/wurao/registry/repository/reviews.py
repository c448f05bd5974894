"""Queries on reviews of certificates."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, false, func, select, true

from wurao.common.db import ReadSession
from wurao.common.errors import NotFound
from wurao.common.scope import Scope
from wurao.registry.domain.officers import CERTIFIED, SUSPENDED
from wurao.registry.domain.reviews import KEEP, RENEW, WITHDRAW
from wurao.registry.repository.bulk import chunked
from wurao.registry.repository.counting import count_where
from wurao.registry.repository.officers import within as officers_within
from wurao.registry.tables import Officer, OfficerReview, OfficerReviewEntry

Progress = tuple[int, int, int, int, int]


def holders(scope: Scope) -> Select[Officer]:
    """Who holds a certificate, suspended or not, in a fixed order."""
    query = officers_within(scope).where(Officer.standing.in_((CERTIFIED, SUSPENDED)))
    return query.order_by(Officer.officer_id)


def listed(scope: Scope) -> Select[OfficerReview]:
    """The reviews that a scope sees: its own, and those of wider areas with certificates that it sees."""
    concerned = OfficerReview.review_id.in_(select(OfficerReviewEntry.review_id).where(_sees(scope)))
    query = select(OfficerReview)
    match scope.kind:
        case "system":
            return query
        case "area":
            return query.where(OfficerReview.area.startswith(scope.area, autoescape=True) | concerned)
        case "agency":
            return query.where((OfficerReview.agency_id == scope.agency_id) | concerned)
        case _:
            return query.where(false())


async def seen(session: ReadSession, review_id: str, scope: Scope) -> OfficerReview:
    """The review if within the scope. Raises NotFound."""
    review = await session.scalar(listed(scope).where(OfficerReview.review_id == review_id))
    if review is None:
        raise NotFound("没有这次证件审验")
    return review


async def is_open_for(session: ReadSession, reviewed: str, year: int) -> bool:
    """Tell whether an area or agency has a review of the year already."""
    query = select(OfficerReview.review_id).where(OfficerReview.scope == reviewed, OfficerReview.year == year)
    return await session.scalar(query) is not None


def entries(
    review_id: str, scope: Scope, *, over: bool, state: str | None, doubtful: bool | None
) -> Select[OfficerReviewEntry]:
    """A review's certificates that a scope sees; `over`: the review's time has run out."""
    query = select(OfficerReviewEntry).where(OfficerReviewEntry.review_id == review_id, _sees(scope))
    if state == "decided":
        query = query.where(OfficerReviewEntry.decision.is_not(None))
    elif state is not None:
        query = query.where(OfficerReviewEntry.decision.is_(None))
        if state == "overdue" and not over:
            query = query.where(false())
    return query if doubtful is None else query.where(OfficerReviewEntry.doubtful.is_(doubtful))


def _sees(scope: Scope) -> ColumnElement[bool]:
    match scope.kind:
        case "system":
            return true()
        case "area":
            return OfficerReviewEntry.area.startswith(scope.area, autoescape=True)
        case "agency":
            return OfficerReviewEntry.agency_id == scope.agency_id
        case _:
            return false()


async def known(session: ReadSession, review_id: str, officer_ids: Sequence[str]) -> dict[str, OfficerReviewEntry]:
    """Those of the officers who are under the review, by officer."""
    found: dict[str, OfficerReviewEntry] = {}
    for chunk in chunked(officer_ids):
        query = select(OfficerReviewEntry).where(
            OfficerReviewEntry.review_id == review_id, OfficerReviewEntry.officer_id.in_(chunk)
        )
        found.update((entry.officer_id, entry) for entry in await session.scalars(query))
    return found


async def progress(session: ReadSession, review_id: str, scope: Scope) -> Progress:
    """(certificates, with reasons to withdraw, kept, renewed, withdrawn) of a review that a scope sees."""
    query = select(
        func.count(),
        count_where(OfficerReviewEntry.doubtful),
        count_where(OfficerReviewEntry.decision == KEEP),
        count_where(OfficerReviewEntry.decision == RENEW),
        count_where(OfficerReviewEntry.decision == WITHDRAW),
    ).where(OfficerReviewEntry.review_id == review_id, _sees(scope))
    listed, doubtful, kept, renewed, withdrawn = (await session.execute(query)).one()
    return listed, doubtful, kept, renewed, withdrawn
