"""Credit repair: displays of facts, applications with their steps, changes of facts, and why a fact ended."""

import sqlalchemy as sa
from alembic import op

from wurao.common.db import Instant, Json
from wurao.common.rls import protect

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the tables; an application is seen by its enterprise, its agency and those above."""
    op.add_column("facts", sa.Column("lapsed_at", Instant(), nullable=True))
    op.add_column("facts", sa.Column("ended", sa.String(), nullable=True))
    op.add_column("facts", sa.Column("agency_id", sa.String(), nullable=True))
    op.execute("update facts set ended = 'expired' where lapsed")
    _create_displays()
    _create_repairs()
    op.create_table(
        "repair_steps",
        sa.Column("step_id", sa.String(), nullable=False),
        sa.Column("application_id", sa.String(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("step_id", name=op.f("pk_repair_steps")),
    )
    op.create_index("ix_repair_steps_application", "repair_steps", ["application_id", "step_id"], unique=False)
    op.create_table(
        "fact_changes",
        sa.Column("change_id", sa.String(), nullable=False),
        sa.Column("fact_id", sa.String(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("replaced_by", sa.String(), nullable=True),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("change_id", name=op.f("pk_fact_changes")),
    )
    op.create_index("ix_fact_changes_fact", "fact_changes", ["fact_id", "change_id"], unique=False)
    protect("repairs", enterprise="enterprise_id")


def _create_displays() -> None:
    op.create_table(
        "displays",
        sa.Column("fact_id", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("agency_id", sa.String(), nullable=True),
        sa.Column("case_id", sa.String(), nullable=True),
        sa.Column("violation", sa.String(), nullable=True),
        sa.Column("officers", Json, nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.Column("shown_from", sa.Date(), nullable=False),
        sa.Column("shown_until", sa.Date(), nullable=True),
        sa.Column("apply_from", sa.Date(), nullable=False),
        sa.Column("owes", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("barred_until", sa.Date(), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("paragraphs", Json, nullable=False),
        sa.Column("clause", sa.String(), nullable=False),
        sa.Column("cite", sa.String(), nullable=False),
        sa.Column("noticed_at", Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("fact_id", name=op.f("pk_displays")),
    )
    op.create_index("ix_displays_enterprise", "displays", ["enterprise_id", "fact_id"], unique=False)
    op.create_index("ix_displays_ending", "displays", ["state", "shown_until"], unique=False)


def _create_repairs() -> None:
    op.create_table(
        "repairs",
        sa.Column("application_id", sa.String(), nullable=False),
        sa.Column("fact_id", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("agency_id", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("entered_by", sa.String(), nullable=False),
        sa.Column("materials", Json, nullable=False),
        sa.Column("lacking", Json, nullable=False),
        sa.Column("returned_by_agency", sa.Boolean(), nullable=False),
        sa.Column("receipt_no", sa.String(), nullable=True),
        sa.Column("submitted_at", Instant(), nullable=False),
        sa.Column("accepted_at", Instant(), nullable=True),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("remind_on", sa.Date(), nullable=True),
        sa.Column("reminded", sa.Boolean(), nullable=False),
        sa.Column("overdue", sa.Boolean(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("remedies", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("application_id", name=op.f("pk_repairs")),
    )
    op.create_index("ix_repairs_fact", "repairs", ["fact_id", "state"], unique=False)
    op.create_index("ix_repairs_enterprise", "repairs", ["enterprise_id", "application_id"], unique=False)
    op.create_index("ix_repairs_due", "repairs", ["state", "remind_on"], unique=False)
