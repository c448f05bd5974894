"""Relations for which officers stay away from enterprises."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """The replica of conflicts."""
    op.create_table(
        "officer_conflicts",
        sa.Column("conflict_id", sa.String(), nullable=False),
        sa.Column("officer_id", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("conflict_id", name=op.f("pk_officer_conflicts")),
    )
    op.create_index(op.f("ix_officer_conflicts_enterprise_id"), "officer_conflicts", ["enterprise_id"])
