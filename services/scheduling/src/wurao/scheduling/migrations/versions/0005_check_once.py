"""Check once: merges that exclude each other and go on after a crash, officers' days, consents, joint copies."""

import sqlalchemy as sa
from alembic import op

from wurao.common.db import Instant, Json
from wurao.common.rls import protect

revision = "0005"
down_revision = "0004"

_RUNNING = "state = 'running'"


def _merges() -> None:
    """Merges held so far are done; they ran over the day they were held on as far as anybody knows."""
    op.execute("create table merges_before as select * from merges")
    op.drop_table("merges")
    op.create_table(
        "merges",
        sa.Column("merge_id", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("period_from", sa.Date(), nullable=False),
        sa.Column("period_to", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("planned", sa.Boolean(), nullable=False),
        sa.Column("figures", Json, nullable=False),
        sa.Column("requested_by", sa.String(), nullable=False),
        sa.Column("agency_id", sa.String(), nullable=True),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("held_at", Instant(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("merge_id", name=op.f("pk_merges")),
    )
    op.create_index(
        "uq_merges_running",
        "merges",
        ["area"],
        unique=True,
        postgresql_where=sa.text(_RUNNING),
        sqlite_where=sa.text(_RUNNING),
    )
    op.execute(
        "insert into merges (merge_id, area, period_from, period_to, state, planned, figures, requested_by,"
        " started_at, held_at, version) select merge_id, area, date(held_at), date(held_at), 'done', true, figures, '',"
        " held_at, held_at, 1 from merges_before"
    )
    op.drop_table("merges_before")


def _consents() -> None:
    op.create_table(
        "consents",
        sa.Column("consent_id", sa.String(), nullable=False),
        sa.Column("visit_id", sa.String(), nullable=False),
        sa.Column("agency_id", sa.String(), nullable=False),
        sa.Column("initiator_id", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("task_ids", Json, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("proposed_at", Instant(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("reckoning", Json, nullable=False),
        sa.Column("clause", sa.String(), nullable=False),
        sa.Column("cite", sa.String(), nullable=False),
        sa.Column("answered_at", Instant(), nullable=True),
        sa.Column("answered_by", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("consent_id", name=op.f("pk_consents")),
    )
    for column in ("visit_id", "agency_id", "enterprise_id"):
        op.create_index(op.f(f"ix_consents_{column}"), "consents", [column])
    op.create_index("ix_consents_state", "consents", ["state", "due_at"])
    protect("consents", agency_condition="current_setting('wurao.agency', true) in (agency_id, initiator_id)")


def upgrade() -> None:
    """Everything of check once."""
    _merges()
    op.create_table(
        "merge_steps",
        sa.Column("merge_id", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("placed", Json, nullable=False),
        sa.Column("dropped", Json, nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("merge_id", "enterprise_id", name=op.f("pk_merge_steps")),
    )
    op.create_table(
        "officer_days",
        sa.Column("agency_id", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("officers", sa.Integer(), nullable=False),
        sa.Column("set_by", sa.String(), nullable=False),
        sa.Column("set_at", Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("agency_id", "day", name=op.f("pk_officer_days")),
    )
    _consents()
    op.create_table(
        "joint_copies",
        sa.Column("visit_id", sa.String(), nullable=False),
        sa.Column("recipient_id", sa.String(), nullable=False),
        sa.Column("merge_id", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("sent_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("visit_id", name=op.f("pk_joint_copies")),
    )
    op.create_index(op.f("ix_joint_copies_recipient_id"), "joint_copies", ["recipient_id"])
    protect("joint_copies", agency="recipient_id")
