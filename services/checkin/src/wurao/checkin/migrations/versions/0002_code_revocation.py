"""Enterprise codes can be revoked without a new one."""

import sqlalchemy as sa
from alembic import op

from wurao.common.db import Instant

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add since when an enterprise has no code in force."""
    op.add_column("enterprises", sa.Column("code_revoked_at", Instant(), nullable=True))
