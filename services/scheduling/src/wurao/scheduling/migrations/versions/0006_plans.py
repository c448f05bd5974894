"""Plans in versions with their approvals, participants and filings; the joint conference; the watch over deadlines."""

import sqlalchemy as sa
from alembic import op

from wurao.common.db import Instant, Json
from wurao.common.rls import protect

revision = "0006"
down_revision = "0005"


def _version_plans() -> None:
    """Every plan so far is the first and only version of itself."""
    with op.batch_alter_table("plans") as plans:
        for name in ("filing_state", "platform", "supersedes", "change_reason"):
            plans.add_column(sa.Column(name, sa.String(), nullable=True))
        plans.add_column(sa.Column("superseded_at", Instant(), nullable=True))
        plans.add_column(sa.Column("series_id", sa.String(), nullable=True))
        plans.add_column(sa.Column("edition", sa.Integer(), nullable=True))
        plans.add_column(sa.Column("authors", Json, nullable=True))
        plans.add_column(sa.Column("steps", Json, nullable=True))
        plans.add_column(sa.Column("round", sa.Integer(), nullable=True))
    array = "jsonb_build_array" if op.get_bind().dialect.name == "postgresql" else "json_array"
    op.execute(
        f"update plans set series_id = plan_id, edition = 1, round = 1, authors = {array}(created_by),"  # noqa: S608
        f" steps = {array}(), filing_state = case when filed_at is null then null else 'noted' end"
    )
    with op.batch_alter_table("plans") as plans:
        for name, kind in (
            ("series_id", sa.String()),
            ("edition", sa.Integer()),
            ("authors", Json),
            ("steps", Json),
            ("round", sa.Integer()),
        ):
            plans.alter_column(name, existing_type=kind, nullable=False)
        plans.create_unique_constraint(op.f("uq_plans_series_id_edition"), ["series_id", "edition"])
    op.create_index(op.f("ix_plans_series_id"), "plans", ["series_id"])


def _create_beside_plans() -> None:
    op.create_table(
        "plan_participants",
        sa.Column("plan_id", sa.String(), nullable=False),
        sa.Column("agency_id", sa.String(), nullable=False),
        sa.Column("item_ids", Json, nullable=False),
        sa.Column("period_from", sa.Date(), nullable=False),
        sa.Column("period_to", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("plan_id", "agency_id", name=op.f("pk_plan_participants")),
    )
    op.create_index(op.f("ix_plan_participants_agency_id"), "plan_participants", ["agency_id"])
    op.create_table(
        "plan_steps",
        sa.Column("plan_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("agency_id", sa.String(), nullable=True),
        sa.Column("document", sa.String(), nullable=True),
        sa.Column("attendees", Json, nullable=False),
        sa.Column("remark", sa.String(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("plan_id", "number", name=op.f("pk_plan_steps")),
    )
    op.create_table(
        "plan_filings",
        sa.Column("filing_id", sa.String(), nullable=False),
        sa.Column("plan_id", sa.String(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("office", sa.String(), nullable=False),
        sa.Column("through", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("filed_by", sa.String(), nullable=False),
        sa.Column("filed_at", Instant(), nullable=False),
        sa.Column("completion", Json, nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("checked_by", sa.String(), nullable=True),
        sa.Column("checked_at", Instant(), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("remark", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("filing_id", name=op.f("pk_plan_filings")),
        sa.UniqueConstraint("plan_id", "attempt", name=op.f("uq_plan_filings_plan_id_attempt")),
    )
    op.create_index(op.f("ix_plan_filings_area"), "plan_filings", ["area"])


def _create_conference() -> None:
    op.create_table(
        "meetings",
        sa.Column("meeting_id", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("topics", Json, nullable=False),
        sa.Column("agenda", Json, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("convened_by", sa.String(), nullable=False),
        sa.Column("convened_at", Instant(), nullable=False),
        sa.Column("presided_by", sa.String(), nullable=True),
        sa.Column("attendees", Json, nullable=False),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("meeting_id", name=op.f("pk_meetings")),
    )
    op.create_index(op.f("ix_meetings_area"), "meetings", ["area"])
    op.create_index(
        "uq_meetings_regular",
        "meetings",
        ["area", "period"],
        unique=True,
        postgresql_where=sa.text("kind = 'regular'"),
        sqlite_where=sa.text("kind = 'regular'"),
    )
    op.create_table(
        "resolutions",
        sa.Column("resolution_id", sa.String(), nullable=False),
        sa.Column("meeting_id", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("plan_ids", Json, nullable=False),
        sa.Column("item_ids", Json, nullable=False),
        sa.Column("adopted_by", sa.String(), nullable=False),
        sa.Column("adopted_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("resolution_id", name=op.f("pk_resolutions")),
        sa.UniqueConstraint("area", "number", name=op.f("uq_resolutions_area_number")),
    )
    op.create_index(op.f("ix_resolutions_meeting_id"), "resolutions", ["meeting_id"])


def _create_watch() -> None:
    op.create_table(
        "deadline_watches",
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("area", name=op.f("pk_deadline_watches")),
    )
    op.create_table(
        "overdue_notices",
        sa.Column("overdue_id", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("told_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("overdue_id", name=op.f("pk_overdue_notices")),
    )


def upgrade() -> None:
    """Versions, steps, participants, filings, meetings, resolutions and the watch.

    Participants and steps follow their plan, which code guards; filings and meetings are the area's business.
    """
    _version_plans()
    _create_beside_plans()
    _create_conference()
    _create_watch()
    protect("meetings", agency=None)
    protect("resolutions", agency=None)
