"""The registry's tables, and the tables that every service has."""

from alembic import op

from wurao.common.migrate import create_platform_tables
from wurao.common.rls import protect
from wurao.registry.tables import Base

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create everything."""
    create_platform_tables()
    Base.metadata.create_all(op.get_bind())
    protect("officers")
