"""Supervision's tables, and the tables that every service has."""

from alembic import op

from wurao.common.migrate import create_platform_tables
from wurao.common.rls import protect
from wurao.supervision.tables import Base

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create everything. Counters are public figures and carry no one's rows."""
    create_platform_tables()
    Base.metadata.create_all(op.get_bind())
    protect("complaints", enterprise="enterprise_id")
    protect("corrections")
    for table in ("leads", "alerts", "callbacks", "sanctions", "trace_backs", "heavy_cases"):
        protect(table, agency=None)
