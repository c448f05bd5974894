"""Everything that scheduling keeps, and the tables that every service has."""

from alembic import op

from wurao.common.migrate import create_platform_tables
from wurao.common.rls import protect
from wurao.scheduling.tables import Base

revision = "0001"
down_revision = None

_TAKES_PART = (
    "exists (select 1 from visit_agencies part where part.visit_id = visits.visit_id"
    " and part.agency_id = current_setting('wurao.agency', true))"
)


def upgrade() -> None:
    """Create everything. Plans and draws become public and stay open to all readers; code hides drafts."""
    create_platform_tables()
    Base.metadata.create_all(op.get_bind())
    own = "current_setting('wurao.agency', true)"
    protect("tasks", enterprise="enterprise_id", agency_condition=f"{own} in (agency_id, notified_agency_id)")
    protect("visits", enterprise="enterprise_id", agency_condition=_TAKES_PART)
    protect("filings", enterprise="enterprise_id")
