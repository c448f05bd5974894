"""Annual class lists, adjustments and objections."""

import sqlalchemy as sa
from alembic import op

from wurao.common.db import Instant, Json
from wurao.common.rls import protect

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Adjustments and exposures, objections to them, class lists, and the class that today's facts lead to."""
    op.add_column("enterprises", sa.Column("assessed", sa.String(), nullable=True))
    _create_adjustments()
    _create_objections()
    _create_class_lists()
    protect("objections", agency_condition="true", enterprise="enterprise_id")


def _create_adjustments() -> None:
    op.create_table(
        "adjustments",
        sa.Column("adjustment_id", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=True),
        sa.Column("law", sa.String(), nullable=False),
        sa.Column("article", sa.String(), nullable=False),
        sa.Column("clause", sa.String(), nullable=False),
        sa.Column("facts", Json, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("agency_id", sa.String(), nullable=False),
        sa.Column("agency_name", sa.String(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("slot", sa.String(), nullable=True),
        sa.Column("proposed_by", sa.String(), nullable=False),
        sa.Column("proposed_at", Instant(), nullable=False),
        sa.Column("approved_by", sa.String(), nullable=True),
        sa.Column("approved_at", Instant(), nullable=True),
        sa.Column("served_on", sa.Date(), nullable=True),
        sa.Column("served_how", sa.String(), nullable=False),
        sa.Column("objection_until", sa.Date(), nullable=True),
        sa.Column("in_force_from", sa.Date(), nullable=True),
        sa.Column("closed_by", sa.String(), nullable=True),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.Column("closed_reason", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("adjustment_id", name=op.f("pk_adjustments")),
        sa.UniqueConstraint("slot", name=op.f("uq_adjustments_slot")),
        sa.CheckConstraint(
            "approved_by is null or approved_by <> proposed_by", name=op.f("ck_adjustments_two_persons")
        ),
    )
    op.create_index("ix_adjustments_enterprise", "adjustments", ["enterprise_id", "state"])
    op.create_index("ix_adjustments_state", "adjustments", ["state", "kind"])


def _create_objections() -> None:
    op.create_table(
        "objections",
        sa.Column("objection_id", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("against", sa.String(), nullable=False),
        sa.Column("target_id", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("materials", Json, nullable=False),
        sa.Column("filed_by", sa.String(), nullable=False),
        sa.Column("filed_at", Instant(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("told_overdue", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("remedies", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("objection_id", name=op.f("pk_objections")),
        sa.UniqueConstraint(
            "enterprise_id", "against", "target_id", name=op.f("uq_objections_enterprise_id_against_target_id")
        ),
        sa.CheckConstraint("decided_by is null or decided_by <> filed_by", name=op.f("ck_objections_two_persons")),
    )
    op.create_index("ix_objections_enterprise", "objections", ["enterprise_id", "objection_id"])
    op.create_index("ix_objections_due", "objections", ["state", "due_on"])
    op.create_index("ix_objections_target", "objections", ["target_id", "state"])


def _create_class_lists() -> None:
    op.create_table(
        "class_lists",
        sa.Column("list_id", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("slot", sa.String(), nullable=True),
        sa.Column("chosen", Json, nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("counts", Json, nullable=False),
        sa.Column("changes", Json, nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("published_until", sa.Date(), nullable=True),
        sa.Column("proposed_by", sa.String(), nullable=False),
        sa.Column("proposed_at", Instant(), nullable=False),
        sa.Column("approved_by", sa.String(), nullable=True),
        sa.Column("approved_at", Instant(), nullable=True),
        sa.Column("resolution", sa.String(), nullable=False),
        sa.Column("in_force_from", sa.Date(), nullable=True),
        sa.Column("announced", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("list_id", name=op.f("pk_class_lists")),
        sa.UniqueConstraint("slot", name=op.f("uq_class_lists_slot")),
        sa.CheckConstraint(
            "approved_by is null or approved_by <> proposed_by", name=op.f("ck_class_lists_two_persons")
        ),
    )
    op.create_index("ix_class_lists_area", "class_lists", ["area", "state", "in_force_from"])
    op.create_table(
        "class_entries",
        sa.Column("list_id", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("grade", sa.String(), nullable=False),
        sa.Column("previous", sa.String(), nullable=True),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("reasons", Json, nullable=False),
        sa.PrimaryKeyConstraint("list_id", "enterprise_id", name=op.f("pk_class_entries")),
    )
    op.create_index("ix_class_entries_enterprise", "class_entries", ["enterprise_id"])
