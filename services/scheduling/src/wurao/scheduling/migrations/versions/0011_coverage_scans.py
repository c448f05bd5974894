"""When each area was last looked through for enterprises of special fields."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """One row for each governed area."""
    op.create_table(
        "coverage_scans",
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("scanned_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("area", name=op.f("pk_coverage_scans")),
    )
