"""The registry's tables, and the tables that every service has."""

import sqlalchemy as sa
from alembic import op

from wurao.common.db import Instant, Json
from wurao.common.migrate import create_platform_tables
from wurao.common.rls import protect

revision = "0001"
down_revision = None


def _create_tables() -> None:
    op.create_table(
        "agencies",
        sa.Column("agency_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("line", sa.String(), nullable=False),
        sa.Column("parent_id", sa.String(), nullable=True),
        sa.Column("authority", sa.String(), nullable=False),
        sa.Column("procedure", sa.String(), nullable=False),
        sa.Column("remedies", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("agency_id", name=op.f("pk_agencies")),
    )
    op.create_index(op.f("ix_agencies_area"), "agencies", ["area"], unique=False)
    op.create_table(
        "counted_entries",
        sa.Column("entry_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_counted_entries")),
    )
    op.create_table(
        "enterprises",
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("industry", sa.String(), nullable=False),
        sa.Column("size", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("registered_on", sa.Date(), nullable=True),
        sa.Column("park", sa.String(), nullable=False),
        sa.Column("tags", Json, nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("scheme", sa.String(), nullable=True),
        sa.Column("grade", sa.String(), nullable=True),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("sampling_permille", sa.Integer(), nullable=True),
        sa.Column("yearly_cap", sa.Integer(), nullable=True),
        sa.Column("grade_clause", sa.String(), nullable=True),
        sa.Column("graded_from", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("enterprise_id", name=op.f("pk_enterprises")),
    )
    op.create_index("ix_enterprises_area_id", "enterprises", ["area", "enterprise_id"], unique=False)
    op.create_table(
        "facts",
        sa.Column("fact_id", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("indicator", sa.String(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("occurred_on", sa.Date(), nullable=False),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("counts_until", sa.Date(), nullable=True),
        sa.Column("lapsed", sa.Boolean(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("origin_version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("fact_id", name=op.f("pk_facts")),
    )
    op.create_index("ix_facts_enterprise", "facts", ["enterprise_id", "lapsed"], unique=False)
    op.create_index("ix_facts_lapsing", "facts", ["lapsed", "counts_until"], unique=False)
    op.create_table(
        "form_questions",
        sa.Column("form_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("mandatory", sa.Boolean(), nullable=False),
        sa.Column("standard", sa.String(), nullable=False),
        sa.Column("law", sa.String(), nullable=False),
        sa.Column("article", sa.String(), nullable=False),
        sa.Column("shared_key", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("form_id", "version", "question_id", name=op.f("pk_form_questions")),
    )
    op.create_table(
        "grades",
        sa.Column("grade_id", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("scheme", sa.String(), nullable=False),
        sa.Column("grade", sa.String(), nullable=False),
        sa.Column("previous", sa.String(), nullable=True),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("sampling_permille", sa.Integer(), nullable=False),
        sa.Column("yearly_cap", sa.Integer(), nullable=True),
        sa.Column("measures", Json, nullable=False),
        sa.Column("reasons", Json, nullable=False),
        sa.Column("clause", sa.String(), nullable=False),
        sa.Column("cite", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("in_force_from", sa.Date(), nullable=False),
        sa.Column("known_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("grade_id", name=op.f("pk_grades")),
    )
    op.create_index("ix_grades_enterprise", "grades", ["enterprise_id", "grade_id"], unique=False)
    op.create_table(
        "item_editions",
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("agency_id", sa.String(), nullable=False),
        sa.Column("form_id", sa.String(), nullable=True),
        sa.Column("form_version", sa.Integer(), nullable=True),
        sa.Column("content", Json, nullable=False),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.Column("random_list", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("item_id", "edition", name=op.f("pk_item_editions")),
    )
    op.create_index(op.f("ix_item_editions_agency_id"), "item_editions", ["agency_id"], unique=False)
    op.create_table(
        "item_usage",
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("month", sa.String(), nullable=False),
        sa.Column("inspections", sa.Integer(), nullable=False),
        sa.Column("violations", sa.Integer(), nullable=False),
        sa.Column("last_used_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("item_id", "month", name=op.f("pk_item_usage")),
    )
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
        sa.Column("form_id", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("cancelled_on", sa.Date(), nullable=True),
        sa.Column("cancel_reason", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_items")),
    )
    op.create_index(op.f("ix_items_agency_id"), "items", ["agency_id"], unique=False)
    op.create_index(op.f("ix_items_form_id"), "items", ["form_id"], unique=False)
    op.create_table(
        "officer_decisions",
        sa.Column("decision_id", sa.String(), nullable=False),
        sa.Column("officer_id", sa.String(), nullable=False),
        sa.Column("standing", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("decided_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("decision_id", name=op.f("pk_officer_decisions")),
    )
    op.create_index("ix_officer_decisions_officer", "officer_decisions", ["officer_id", "decision_id"], unique=False)
    op.create_table(
        "officers",
        sa.Column("officer_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("agency_id", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("certificate_no", sa.String(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("trained", sa.Boolean(), nullable=False),
        sa.Column("examined", sa.Boolean(), nullable=False),
        sa.Column("in_post", sa.Boolean(), nullable=False),
        sa.Column("legal_reviewer", sa.Boolean(), nullable=False),
        sa.Column("legal_qualified", sa.Boolean(), nullable=False),
        sa.Column("leader", sa.Boolean(), nullable=False),
        sa.Column("management_authority", sa.String(), nullable=False),
        sa.Column("standing", sa.String(), nullable=False),
        sa.Column("standing_reason", sa.String(), nullable=False),
        sa.Column("suspended_until", sa.Date(), nullable=True),
        sa.Column("changed_unseen", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("officer_id", name=op.f("pk_officers")),
    )
    op.create_index(op.f("ix_officers_agency_id"), "officers", ["agency_id"], unique=False)
    op.create_index(op.f("ix_officers_area"), "officers", ["area"], unique=False)
    op.create_index(op.f("ix_officers_suspended_until"), "officers", ["suspended_until"], unique=False)
    op.create_index(op.f("ix_officers_valid_to"), "officers", ["valid_to"], unique=False)
    op.create_table(
        "premises",
        sa.Column("premises_id", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("premises_id", name=op.f("pk_premises")),
    )
    op.create_index(op.f("ix_premises_enterprise_id"), "premises", ["enterprise_id"], unique=False)
    # ### end Alembic commands ###


def upgrade() -> None:
    """Create everything."""
    create_platform_tables()
    _create_tables()
    protect("officers")
