"""Violations, cases and their steps, money, measures, and the tables that every service has."""

from alembic import op

from wurao.common.migrate import create_platform_tables
from wurao.common.rls import protect
from wurao.penalty.tables import PROTECTED, Base

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create everything; rows of cases are seen by their agency, area and enterprise only."""
    create_platform_tables()
    Base.metadata.create_all(op.get_bind())
    for table in PROTECTED:
        protect(table, enterprise="enterprise_id")
