"""Which officers were at which enterprises, and whether they found anything."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """One row for each officer of a finished inspection."""
    op.create_table(
        "officer_calls",
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("officer_id", sa.String(), nullable=False),
        sa.Column("entry_id", sa.String(), nullable=False),
        sa.Column("finished_on", sa.Date(), nullable=False),
        sa.Column("clean", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("enterprise_id", "officer_id", "entry_id", name=op.f("pk_officer_calls")),
    )
