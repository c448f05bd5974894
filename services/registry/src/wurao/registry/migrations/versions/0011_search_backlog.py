"""Enterprises that a long import leaves to be indexed after it."""

import sqlalchemy as sa
from alembic import op

from wurao.common.db import Json

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """One row for each piece of an import."""
    op.create_table(
        "search_backlog",
        sa.Column("backlog_id", sa.String(), nullable=False),
        sa.Column("enterprise_ids", Json, nullable=False),
        sa.PrimaryKeyConstraint("backlog_id", name=op.f("pk_search_backlog")),
    )
