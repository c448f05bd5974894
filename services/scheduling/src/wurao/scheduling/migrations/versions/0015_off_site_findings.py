"""What an off-site check found, and the digest of its conclusion. Checks concluded before have neither."""

import sqlalchemy as sa
from alembic import op

from wurao.common.db import Json

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Findings are empty for earlier checks."""
    op.add_column("off_site_checks", sa.Column("findings", Json, nullable=False, server_default="[]"))
    op.add_column("off_site_checks", sa.Column("record_digest", sa.String(), nullable=True))
