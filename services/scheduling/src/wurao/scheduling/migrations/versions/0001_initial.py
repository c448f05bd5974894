"""Everything that scheduling keeps, and the tables that every service has."""

import sqlalchemy as sa
from alembic import op

from wurao.common.db import Instant, Json
from wurao.common.migrate import create_platform_tables
from wurao.common.rls import protect

revision = "0001"
down_revision = None

_TAKES_PART = (
    "exists (select 1 from visit_agencies part where part.visit_id = visits.visit_id"
    " and part.agency_id = current_setting('wurao.agency', true))"
)


def _create_tables() -> None:
    op.create_table(
        "action_keys",
        sa.Column("kid", sa.String(), nullable=False),
        sa.Column("published_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("kid", name=op.f("pk_action_keys")),
    )
    op.create_table(
        "agencies",
        sa.Column("agency_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("line", sa.String(), nullable=False),
        sa.Column("parent_id", sa.String(), nullable=True),
        sa.Column("published", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("agency_id", name=op.f("pk_agencies")),
    )
    op.create_index(op.f("ix_agencies_area"), "agencies", ["area"], unique=False)
    op.create_table(
        "cap_counters",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("agency_id", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "agency_id", "enterprise_id", "year", name=op.f("pk_cap_counters")),
    )
    op.create_table(
        "draw_parties",
        sa.Column("draw_id", sa.String(), nullable=False),
        sa.Column("party", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("commitment", sa.String(), nullable=False),
        sa.Column("committed_at", Instant(), nullable=False),
        sa.Column("secret", sa.String(), nullable=True),
        sa.Column("revealed_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("draw_id", "party", name=op.f("pk_draw_parties")),
    )
    op.create_table(
        "draw_pools",
        sa.Column("draw_id", sa.String(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("draw_id", name=op.f("pk_draw_pools")),
    )
    op.create_table(
        "drawn",
        sa.Column("draw_id", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("plan_id", sa.String(), nullable=False),
        sa.Column("stratum", sa.String(), nullable=False),
        sa.Column("ticket", sa.String(), nullable=False),
        sa.Column("tasks", Json, nullable=False),
        sa.Column("refused", Json, nullable=False),
        sa.PrimaryKeyConstraint("draw_id", "enterprise_id", name=op.f("pk_drawn")),
    )
    op.create_index(op.f("ix_drawn_plan_id"), "drawn", ["plan_id"], unique=False)
    op.create_table(
        "draws",
        sa.Column("draw_id", sa.String(), nullable=False),
        sa.Column("plan_id", sa.String(), nullable=False),
        sa.Column("agency_id", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("item_ids", Json, nullable=False),
        sa.Column("earliest", sa.Date(), nullable=False),
        sa.Column("latest", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("pool_digest", sa.String(), nullable=False),
        sa.Column("pool_size", sa.Integer(), nullable=False),
        sa.Column("strata", Json, nullable=False),
        sa.Column("seed", sa.String(), nullable=True),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("frozen_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("void_reason", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("draw_id", name=op.f("pk_draws")),
    )
    op.create_index(op.f("ix_draws_area"), "draws", ["area"], unique=False)
    op.create_index(op.f("ix_draws_plan_id"), "draws", ["plan_id"], unique=False)
    op.create_table(
        "enterprise_grades",
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("grade", sa.String(), nullable=False),
        sa.Column("sampling_permille", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("enterprise_id", name=op.f("pk_enterprise_grades")),
    )
    op.create_table(
        "enterprises",
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("industry", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("tags", Json, nullable=False),
        sa.Column("premises", Json, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("enterprise_id", name=op.f("pk_enterprises")),
    )
    op.create_index(op.f("ix_enterprises_area"), "enterprises", ["area"], unique=False)
    op.create_table(
        "filings",
        sa.Column("filing_id", sa.String(), nullable=False),
        sa.Column("agency_id", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("ground", sa.String(), nullable=False),
        sa.Column("source_record", sa.String(), nullable=False),
        sa.Column("officers", Json, nullable=False),
        sa.Column("item_ids", Json, nullable=False),
        sa.Column("entry_id", sa.String(), nullable=True),
        sa.Column("began_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("filed_at", Instant(), nullable=False),
        sa.Column("filed_by", sa.String(), nullable=False),
        sa.Column("after_the_fact", sa.Boolean(), nullable=False),
        sa.Column("due", Instant(), nullable=True),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("clause", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("filing_id", name=op.f("pk_filings")),
    )
    op.create_index(op.f("ix_filings_agency_id"), "filings", ["agency_id"], unique=False)
    op.create_index(op.f("ix_filings_area"), "filings", ["area"], unique=False)
    op.create_index(op.f("ix_filings_enterprise_id"), "filings", ["enterprise_id"], unique=False)
    op.create_table(
        "items",
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("agency_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("law", sa.String(), nullable=False),
        sa.Column("article", sa.String(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("random_list", sa.Boolean(), nullable=False),
        sa.Column("special_industry", sa.Boolean(), nullable=False),
        sa.Column("key_area", sa.Boolean(), nullable=False),
        sa.Column("recognition_days", sa.Integer(), nullable=True),
        sa.Column("delegable", sa.Boolean(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("officers", sa.Integer(), nullable=False),
        sa.Column("industries", Json, nullable=False),
        sa.Column("questions", Json, nullable=False),
        sa.Column("published", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_items")),
    )
    op.create_index(op.f("ix_items_agency_id"), "items", ["agency_id"], unique=False)
    op.create_table(
        "merges",
        sa.Column("merge_id", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("figures", Json, nullable=False),
        sa.Column("held_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("merge_id", name=op.f("pk_merges")),
    )
    op.create_table(
        "officers",
        sa.Column("officer_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("agency_id", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("suspended_until", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("officer_id", name=op.f("pk_officers")),
    )
    op.create_index(op.f("ix_officers_agency_id"), "officers", ["agency_id"], unique=False)
    op.create_table(
        "plans",
        sa.Column("plan_id", sa.String(), nullable=False),
        sa.Column("agency_id", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("period_from", sa.Date(), nullable=False),
        sa.Column("period_to", sa.Date(), nullable=False),
        sa.Column("item_ids", Json, nullable=False),
        sa.Column("contents", Json, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("approved_by", sa.String(), nullable=True),
        sa.Column("approved_at", Instant(), nullable=True),
        sa.Column("resolution", sa.String(), nullable=True),
        sa.Column("office", sa.String(), nullable=True),
        sa.Column("filed_at", Instant(), nullable=True),
        sa.Column("filing_due", sa.Date(), nullable=True),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("published_at", Instant(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("plan_id", name=op.f("pk_plans")),
    )
    op.create_index(op.f("ix_plans_agency_id"), "plans", ["agency_id"], unique=False)
    op.create_index(op.f("ix_plans_area"), "plans", ["area"], unique=False)
    op.create_index(op.f("ix_plans_state"), "plans", ["state"], unique=False)
    op.create_table(
        "results",
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("matter", sa.String(), nullable=False),
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("agency_id", sa.String(), nullable=False),
        sa.Column("entry_id", sa.String(), nullable=False),
        sa.Column("result", sa.String(), nullable=False),
        sa.Column("finished_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("enterprise_id", "matter", name=op.f("pk_results")),
    )
    op.create_table(
        "tasks",
        sa.Column("task_id", sa.String(), nullable=False),
        sa.Column("agency_id", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("premises_id", sa.String(), nullable=True),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("item_ids", Json, nullable=False),
        sa.Column("earliest", sa.Date(), nullable=False),
        sa.Column("latest", sa.Date(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("plan_id", sa.String(), nullable=True),
        sa.Column("draw_id", sa.String(), nullable=True),
        sa.Column("ground", sa.String(), nullable=True),
        sa.Column("source_record", sa.String(), nullable=True),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("unit", sa.String(), nullable=True),
        sa.Column("superior_approval", sa.String(), nullable=True),
        sa.Column("notified_agency_id", sa.String(), nullable=True),
        sa.Column("counter", sa.String(), nullable=True),
        sa.Column("counter_year", sa.Integer(), nullable=False),
        sa.Column("counted", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("visit_id", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("task_id", name=op.f("pk_tasks")),
    )
    op.create_index(op.f("ix_tasks_agency_id"), "tasks", ["agency_id"], unique=False)
    op.create_index(op.f("ix_tasks_enterprise_id"), "tasks", ["enterprise_id"], unique=False)
    op.create_index(op.f("ix_tasks_notified_agency_id"), "tasks", ["notified_agency_id"], unique=False)
    op.create_index("ix_tasks_open", "tasks", ["state", "area", "latest"], unique=False)
    op.create_index(op.f("ix_tasks_visit_id"), "tasks", ["visit_id"], unique=False)
    op.create_table(
        "visit_agencies",
        sa.Column("visit_id", sa.String(), nullable=False),
        sa.Column("agency_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("visit_id", "agency_id", name=op.f("pk_visit_agencies")),
    )
    op.create_index(op.f("ix_visit_agencies_agency_id"), "visit_agencies", ["agency_id"], unique=False)
    op.create_table(
        "visit_officers",
        sa.Column("visit_id", sa.String(), nullable=False),
        sa.Column("officer_id", sa.String(), nullable=False),
        sa.Column("agency_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("visit_id", "officer_id", name=op.f("pk_visit_officers")),
    )
    op.create_index(op.f("ix_visit_officers_officer_id"), "visit_officers", ["officer_id"], unique=False)
    op.create_table(
        "visits",
        sa.Column("visit_id", sa.String(), nullable=False),
        sa.Column("merge_id", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("enterprise_name", sa.String(), nullable=False),
        sa.Column("premises_id", sa.String(), nullable=True),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("lead_agency_id", sa.String(), nullable=False),
        sa.Column("items", Json, nullable=False),
        sa.Column("questions", Json, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("ground", sa.String(), nullable=True),
        sa.Column("source_record", sa.String(), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("officer_seed", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("code_id", sa.String(), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("proposed_by", sa.String(), nullable=False),
        sa.Column("approved_by", sa.String(), nullable=True),
        sa.Column("approved_at", Instant(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("visit_id", name=op.f("pk_visits")),
    )
    op.create_index(op.f("ix_visits_area"), "visits", ["area"], unique=False)
    op.create_index(op.f("ix_visits_merge_id"), "visits", ["merge_id"], unique=False)
    op.create_index("ix_visits_state", "visits", ["state", "day"], unique=False)
    op.create_index(
        "uq_visits_day",
        "visits",
        ["enterprise_id", "day"],
        unique=True,
        postgresql_where=sa.text("state not in ('cancelled', 'lapsed')"),
        sqlite_where=sa.text("state not in ('cancelled', 'lapsed')"),
    )
    # ### end Alembic commands ###


def upgrade() -> None:
    """Create everything. Plans and draws become public and stay open to all readers; code hides drafts."""
    create_platform_tables()
    _create_tables()
    own = "current_setting('wurao.agency', true)"
    protect("tasks", enterprise="enterprise_id", agency_condition=f"{own} in (agency_id, notified_agency_id)")
    protect("visits", enterprise="enterprise_id", agency_condition=_TAKES_PART)
    protect("filings", enterprise="enterprise_id")
