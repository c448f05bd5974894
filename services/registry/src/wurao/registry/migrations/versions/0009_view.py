"""What the registry knows of visits and cases."""

import sqlalchemy as sa
from alembic import op

from wurao.common.db import Instant, Json

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Replicas of visits, entries, cases, coercive measures and complaints for the enterprise's own view."""
    op.create_table(
        "seen_visits",
        sa.Column("visit_id", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("agencies", Json, nullable=False),
        sa.Column("officers", Json, nullable=False),
        sa.Column("items", Json, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("opens", Instant(), nullable=False),
        sa.Column("closes", Instant(), nullable=False),
        sa.Column("papers", sa.Integer(), nullable=False),
        sa.Column("cancelled", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("visit_id", name=op.f("pk_seen_visits")),
    )
    op.create_index(op.f("ix_seen_visits_enterprise_id"), "seen_visits", ["enterprise_id"], unique=False)
    op.create_table(
        "seen_entries",
        sa.Column("entry_id", sa.String(), nullable=False),
        sa.Column("visit_id", sa.String(), nullable=True),
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("agencies", Json, nullable=False),
        sa.Column("item_ids", Json, nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("findings", Json, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_seen_entries")),
    )
    op.create_index(op.f("ix_seen_entries_visit_id"), "seen_entries", ["visit_id"], unique=False)
    op.create_index(op.f("ix_seen_entries_enterprise_id"), "seen_entries", ["enterprise_id"], unique=False)
    op.create_table(
        "seen_cases",
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("case_no", sa.String(), nullable=False),
        sa.Column("agency_id", sa.String(), nullable=False),
        sa.Column("violation", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=True),
        sa.Column("statement_due", sa.Date(), nullable=True),
        sa.Column("hearing_due", sa.Date(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("fine_fen", sa.Integer(), nullable=True),
        sa.Column("pay_by", sa.Date(), nullable=True),
        sa.Column("paid_fen", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_seen_cases")),
    )
    op.create_index(op.f("ix_seen_cases_enterprise_id"), "seen_cases", ["enterprise_id"], unique=False)
    op.create_table(
        "seen_measures",
        sa.Column("measure_id", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("agency_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("imposed_at", Instant(), nullable=True),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("lifted_at", Instant(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("measure_id", name=op.f("pk_seen_measures")),
    )
    op.create_index(op.f("ix_seen_measures_enterprise_id"), "seen_measures", ["enterprise_id"], unique=False)
    op.create_table(
        "seen_complaints",
        sa.Column("complaint_id", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("filed_at", Instant(), nullable=True),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("complaint_id", name=op.f("pk_seen_complaints")),
    )
    op.create_index(op.f("ix_seen_complaints_enterprise_id"), "seen_complaints", ["enterprise_id"], unique=False)
