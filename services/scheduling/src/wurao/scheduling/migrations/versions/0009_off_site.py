"""Off-site checks with their reminders, and superiors' visits."""

import sqlalchemy as sa
from alembic import op

from wurao.common.db import Instant, Json
from wurao.common.rls import protect

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """The enterprise sees its own checks, the area and the agency theirs."""
    op.create_table(
        "off_site_checks",
        sa.Column("task_id", sa.String(), nullable=False),
        sa.Column("agency_id", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("risk", sa.Text(), nullable=True),
        sa.Column("reminded_by", sa.String(), nullable=True),
        sa.Column("reminded_at", Instant(), nullable=True),
        sa.Column("due_at", Instant(), nullable=True),
        sa.Column("reckoning", Json, nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("attachments", Json, nullable=False),
        sa.Column("answered_at", Instant(), nullable=True),
        sa.Column("results", Json, nullable=False),
        sa.Column("follow_up_task_id", sa.String(), nullable=True),
        sa.Column("closed_by", sa.String(), nullable=True),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.Column("remark", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("task_id", name=op.f("pk_off_site_checks")),
    )
    for column in ("agency_id", "enterprise_id"):
        op.create_index(op.f(f"ix_off_site_checks_{column}"), "off_site_checks", [column])
    op.create_index("ix_off_site_checks_state", "off_site_checks", ["state", "due_at"])
    protect("off_site_checks", enterprise="enterprise_id")
    op.create_table(
        "superior_visits",
        sa.Column("superior_visit_id", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("agency_id", sa.String(), nullable=False),
        sa.Column("superior", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("filed_by", sa.String(), nullable=False),
        sa.Column("filed_at", Instant(), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("clause", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("superior_visit_id", name=op.f("pk_superior_visits")),
    )
    for column in ("agency_id", "area", "enterprise_id"):
        op.create_index(op.f(f"ix_superior_visits_{column}"), "superior_visits", [column])
    protect("superior_visits")
