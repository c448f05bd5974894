"""Report how many legal reviewers agencies have among their officers (QZ-21)."""

from datetime import date

from wurao.common.area import prefix
from wurao.common.db import ReadSession
from wurao.common.scope import Scope
from wurao.registry.domain import legal_reviewers as rules
from wurao.registry.domain.policy import OfficerSection
from wurao.registry.repository import officer_records as repository
from wurao.registry.repository.officer_records import Staffing
from wurao.registry.schemas.officers import AgencyReviewers, ReviewersReport
from wurao.registry.usecases.officer_law import OfficerLaw


async def report(session: ReadSession, area: str, scope: Scope, today: date) -> ReviewersReport:
    """Reviewers and officers of an area, against the least share of the area's pack."""
    law = await OfficerLaw(session, today).rules(area)
    rows = await repository.staffing(session, scope, prefix(area))
    agencies = [_agency(row, law) for row in rows]
    officers = sum(agency.officers for agency in agencies)
    reviewers = sum(agency.reviewers for agency in agencies)
    least = law.min_share_legal_reviewers_permille
    return ReviewersReport(
        area=area,
        least_permille=least and least.value,
        clause=least and least.clause,
        cite=least and least.cite,
        officers=officers,
        reviewers=reviewers,
        qualified=sum(agency.qualified for agency in agencies),
        share_permille=rules.share_permille(reviewers, officers),
        missing=sum(agency.missing for agency in agencies),
        agencies=agencies,
    )


def _agency(row: Staffing, law: OfficerSection) -> AgencyReviewers:
    agency_id, name, officers, reviewers, qualified = row
    return AgencyReviewers(
        agency_id=agency_id,
        agency_name=name,
        officers=officers,
        reviewers=reviewers,
        qualified=qualified,
        share_permille=rules.share_permille(reviewers, officers),
        missing=rules.missing(reviewers, officers, law),
    )
