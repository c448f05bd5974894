"""The lists from which officers of visits are drawn. Officers drawn before have none."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """The lists by visit and digest, and of each officer the digest of his."""
    op.create_table(
        "officer_lists",
        sa.Column("visit_id", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("visit_id", "sha256", name=op.f("pk_officer_lists")),
    )
    op.add_column("visit_officers", sa.Column("eligible_sha256", sa.String(), nullable=True))
