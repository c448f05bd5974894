"""Supervision's tables, and the tables that every service has."""

import sqlalchemy as sa
from alembic import op

from wurao.common.db import Instant, Json
from wurao.common.migrate import create_platform_tables
from wurao.common.platform import BigId
from wurao.common.rls import protect

revision = "0001"
down_revision = None


def _create_tables() -> None:
    op.create_table(
        "agencies",
        sa.Column("agency_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("line", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("agency_id", name=op.f("pk_agencies")),
    )
    op.create_table(
        "alerts",
        sa.Column("alert_id", sa.String(), nullable=False),
        sa.Column("cause_key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("clause", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("agency_id", sa.String(), nullable=True),
        sa.Column("officers", Json, nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=True),
        sa.Column("evidence", Json, nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("raised_at", Instant(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("cleared_at", Instant(), nullable=True),
        sa.Column("cleared_because", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("alert_id", name=op.f("pk_alerts")),
        sa.UniqueConstraint("cause_key", name=op.f("uq_alerts_cause_key")),
    )
    op.create_index(op.f("ix_alerts_area"), "alerts", ["area"], unique=False)
    op.create_table(
        "callbacks",
        sa.Column("callback_id", sa.String(), nullable=False),
        sa.Column("entry_id", sa.String(), nullable=False),
        sa.Column("visit_id", sa.String(), nullable=True),
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("enterprise_name", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("agencies", Json, nullable=False),
        sa.Column("officers", Json, nullable=False),
        sa.Column("finished_at", Instant(), nullable=False),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("explanation", Json, nullable=False),
        sa.Column("clause", sa.String(), nullable=False),
        sa.Column("cite", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("escalated_at", Instant(), nullable=True),
        sa.Column("satisfied", sa.Boolean(), nullable=True),
        sa.Column("issues", Json, nullable=False),
        sa.Column("clue", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("done_at", Instant(), nullable=True),
        sa.Column("done_by", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("callback_id", name=op.f("pk_callbacks")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_callbacks_entry_id")),
    )
    op.create_index(op.f("ix_callbacks_area"), "callbacks", ["area"], unique=False)
    op.create_index(op.f("ix_callbacks_done_at"), "callbacks", ["done_at"], unique=False)
    op.create_index(
        "ix_callbacks_pending",
        "callbacks",
        ["due"],
        unique=False,
        postgresql_where=sa.text("state = 'open' and escalated_at is null"),
        sqlite_where=sa.text("state = 'open' and escalated_at is null"),
    )
    op.create_table(
        "complaints",
        sa.Column("complaint_id", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.Column("external_key", sa.String(), nullable=True),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("enterprise_name", sa.String(), nullable=False),
        sa.Column("agency_id", sa.String(), nullable=True),
        sa.Column("visit_id", sa.String(), nullable=True),
        sa.Column("officers", Json, nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("filed_by", sa.String(), nullable=False),
        sa.Column("filed_at", Instant(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("explanation", Json, nullable=False),
        sa.Column("clause", sa.String(), nullable=False),
        sa.Column("cite", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("escalated_at", Instant(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("reply", sa.Text(), nullable=True),
        sa.Column("suspected_breach", sa.Boolean(), nullable=False),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.Column("closed_by", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("complaint_id", name=op.f("pk_complaints")),
        sa.UniqueConstraint("channel", "external_key", name=op.f("uq_complaints_channel_external_key")),
    )
    op.create_index("ix_complaints_agency", "complaints", ["agency_id", "complaint_id"], unique=False)
    op.create_index(op.f("ix_complaints_area"), "complaints", ["area"], unique=False)
    op.create_index("ix_complaints_enterprise", "complaints", ["enterprise_id", "complaint_id"], unique=False)
    op.create_index(
        "ix_complaints_pending",
        "complaints",
        ["due"],
        unique=False,
        postgresql_where=sa.text("state = 'open' and escalated_at is null"),
        sqlite_where=sa.text("state = 'open' and escalated_at is null"),
    )
    op.create_table(
        "corrections",
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("agency_id", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("cause_id", sa.String(), nullable=False),
        sa.Column("demand", sa.Text(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("explanation", Json, nullable=False),
        sa.Column("clause", sa.String(), nullable=False),
        sa.Column("cite", sa.String(), nullable=False),
        sa.Column("ordered_at", Instant(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("escalated_at", Instant(), nullable=True),
        sa.Column("feedback", sa.Text(), nullable=True),
        sa.Column("feedback_at", Instant(), nullable=True),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_corrections")),
        sa.UniqueConstraint("cause", "cause_id", name=op.f("uq_corrections_cause_cause_id")),
    )
    op.create_index("ix_corrections_agency", "corrections", ["agency_id", "order_id"], unique=False)
    op.create_index(op.f("ix_corrections_area"), "corrections", ["area"], unique=False)
    op.create_index(
        "ix_corrections_pending",
        "corrections",
        ["due"],
        unique=False,
        postgresql_where=sa.text("state = 'open' and escalated_at is null"),
        sqlite_where=sa.text("state = 'open' and escalated_at is null"),
    )
    op.create_table(
        "counters",
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("figure", sa.String(), nullable=False),
        sa.Column("dimension", sa.String(), nullable=False),
        sa.Column("n", BigId, nullable=False),
        sa.PrimaryKeyConstraint("area", "day", "figure", "dimension", name=op.f("pk_counters")),
    )
    op.create_table(
        "enterprises",
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("enterprise_id", name=op.f("pk_enterprises")),
    )
    op.create_table(
        "heavy_cases",
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("case_no", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("agency_id", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("grounds", Json, nullable=False),
        sa.Column("fine_fen", BigId, nullable=False),
        sa.Column("filed_at", Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_heavy_cases")),
    )
    op.create_index(op.f("ix_heavy_cases_area"), "heavy_cases", ["area"], unique=False)
    op.create_table(
        "leads",
        sa.Column("lead_id", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("cause_id", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("management_authority", sa.String(), nullable=False),
        sa.Column("routed_area", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("clause", sa.String(), nullable=False),
        sa.Column("agency_id", sa.String(), nullable=True),
        sa.Column("officers", Json, nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=True),
        sa.Column("evidence", Json, nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("referred_at", Instant(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("acknowledged_at", Instant(), nullable=True),
        sa.Column("acknowledged_by", sa.String(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("lead_id", name=op.f("pk_leads")),
        sa.UniqueConstraint(
            "cause",
            "cause_id",
            "recipient",
            "management_authority",
            name=op.f("uq_leads_cause_cause_id_recipient_management_authority"),
        ),
    )
    op.create_index(op.f("ix_leads_area"), "leads", ["area"], unique=False)
    op.create_index(op.f("ix_leads_cause_id"), "leads", ["cause_id"], unique=False)
    op.create_index(op.f("ix_leads_routed_area"), "leads", ["routed_area"], unique=False)
    op.create_table(
        "officers",
        sa.Column("officer_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("agency_id", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("management_authority", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("officer_id", name=op.f("pk_officers")),
    )
    op.create_table(
        "refusal_texts",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("clause", sa.String(), nullable=False),
        sa.Column("cite", sa.String(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_refusal_texts")),
    )
    op.create_table(
        "sanctions",
        sa.Column("decision_id", sa.String(), nullable=False),
        sa.Column("officer_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("agency_id", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("sanction", sa.String(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("lead_id", sa.String(), nullable=True),
        sa.Column("clause", sa.String(), nullable=False),
        sa.Column("cite", sa.String(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("decided_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("decision_id", name=op.f("pk_sanctions")),
        sa.UniqueConstraint("officer_id", "number", name=op.f("uq_sanctions_officer_id_number")),
    )
    op.create_index(op.f("ix_sanctions_area"), "sanctions", ["area"], unique=False)
    op.create_table(
        "trace_backs",
        sa.Column("trace_back_id", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("agency_id", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("officers", Json, nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("conclusion", sa.Text(), nullable=True),
        sa.Column("liable", Json, nullable=False),
        sa.Column("concluded_at", Instant(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("trace_back_id", name=op.f("pk_trace_backs")),
        sa.UniqueConstraint("case_id", "kind", name=op.f("uq_trace_backs_case_id_kind")),
    )
    op.create_index(op.f("ix_trace_backs_area"), "trace_backs", ["area"], unique=False)
    op.create_table(
        "visits",
        sa.Column("visit_id", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("lead_agency_id", sa.String(), nullable=False),
        sa.Column("officers", Json, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("visit_id", name=op.f("pk_visits")),
    )
    # ### end Alembic commands ###


def upgrade() -> None:
    """Create everything. Counters are public figures and carry no one's rows."""
    create_platform_tables()
    _create_tables()
    protect("complaints", enterprise="enterprise_id")
    protect("corrections")
    for table in ("leads", "alerts", "callbacks", "sanctions", "trace_backs", "heavy_cases"):
        protect(table, agency=None)
