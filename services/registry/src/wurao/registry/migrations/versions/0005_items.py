"""Item lists by agency and year."""

import sqlalchemy as sa
from alembic import op

from wurao.common.db import Instant, Json

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Lists with their frozen items, proposals to cancel items, lines of items, evidence that questions want."""
    op.add_column("items", sa.Column("line", sa.String(), nullable=False, server_default=""))
    op.add_column("form_questions", sa.Column("evidence", Json, nullable=False, server_default=sa.text("'[]'")))
    op.create_table(
        "item_lists",
        sa.Column("list_id", sa.String(), nullable=False),
        sa.Column("agency_id", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("submitted_by", sa.String(), nullable=False),
        sa.Column("submitted_at", Instant(), nullable=False),
        sa.Column("reviewed_by", sa.String(), nullable=True),
        sa.Column("reviewed_at", Instant(), nullable=True),
        sa.Column("opinion", sa.String(), nullable=False),
        sa.Column("published_by", sa.String(), nullable=True),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("list_id", name=op.f("pk_item_lists")),
    )
    op.create_index("uq_item_lists_number", "item_lists", ["agency_id", "year", "number"], unique=True)
    _unique_where("uq_item_lists_open", "item_lists", "agency_id", "state in ('reviewing', 'passed')")
    _unique_where("uq_item_lists_in_force", "item_lists", "agency_id", "state = 'published'")
    op.create_table(
        "listed_items",
        sa.Column("list_id", sa.String(), nullable=False),
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("change", sa.String(), nullable=False),
        sa.Column("content", Json, nullable=False),
        sa.Column("edition", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("list_id", "item_id", name=op.f("pk_listed_items")),
    )
    op.create_table(
        "item_proposals",
        sa.Column("proposal_id", sa.String(), nullable=False),
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("agency_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("findings", Json, nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("inspections", sa.Integer(), nullable=False),
        sa.Column("violations", sa.Integer(), nullable=False),
        sa.Column("last_used_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("proposed_on", sa.Date(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("proposal_id", name=op.f("pk_item_proposals")),
    )
    op.create_index(op.f("ix_item_proposals_agency_id"), "item_proposals", ["agency_id"], unique=False)
    _unique_where("uq_item_proposals_open", "item_proposals", "item_id", "state = 'open'")


def _unique_where(name: str, table: str, column: str, condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, [column], unique=True, sqlite_where=where, postgresql_where=where)
