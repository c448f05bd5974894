"""Replicas, entries, the ledger, the enterprise's voice, and the tables that every service has."""

from alembic import op

from wurao.checkin.tables import Base
from wurao.common.migrate import create_platform_tables
from wurao.common.rls import protect

revision = "0001"
down_revision = None

ONE_OF_AGENCIES = "agencies @> to_jsonb(current_setting('wurao.agency', true))"


def upgrade() -> None:
    """Create everything."""
    create_platform_tables()
    Base.metadata.create_all(op.get_bind())
    protect("enterprises", agency=None, enterprise="enterprise_id")
    for shared in ("visits", "entries", "ledger_entries"):
        protect(shared, enterprise="enterprise_id", agency_condition=ONE_OF_AGENCIES)
    protect("filings", enterprise="enterprise_id")
    protect("evaluations", agency=None)
    protect("evaluation_tallies")
    protect("declines", agency=None, enterprise="enterprise_id")
    protect("unfiled_reports", agency=None, enterprise="enterprise_id")
