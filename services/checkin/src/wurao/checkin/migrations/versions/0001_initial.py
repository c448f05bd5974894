"""Replicas, entries, the ledger, the enterprise's voice, and the tables that every service has."""

import sqlalchemy as sa
from alembic import op

from wurao.common.db import Instant, Json
from wurao.common.migrate import create_platform_tables
from wurao.common.platform import BigId
from wurao.common.rls import protect

revision = "0001"
down_revision = None

ONE_OF_AGENCIES = "agencies @> to_jsonb(current_setting('wurao.agency', true))"


def _create_tables() -> None:
    op.create_table(
        "action_keys",
        sa.Column("kid", sa.String(), nullable=False),
        sa.Column("jwk", Json, nullable=False),
        sa.PrimaryKeyConstraint("kid", name=op.f("pk_action_keys")),
    )
    op.create_table(
        "agencies",
        sa.Column("agency_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("published", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("agency_id", name=op.f("pk_agencies")),
    )
    op.create_table(
        "declines",
        sa.Column("decline_id", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("visit_id", sa.String(), nullable=True),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("clause", sa.String(), nullable=False),
        sa.Column("no_fault", sa.Boolean(), nullable=False),
        sa.Column("declined_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("decline_id", name=op.f("pk_declines")),
    )
    op.create_index(op.f("ix_declines_enterprise_id"), "declines", ["enterprise_id"], unique=False)
    op.create_table(
        "enterprises",
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("code_serial", sa.Integer(), nullable=False),
        sa.Column("code_id", sa.String(), nullable=False),
        sa.Column("code_issued_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("enterprise_id", name=op.f("pk_enterprises")),
    )
    op.create_index(op.f("ix_enterprises_area"), "enterprises", ["area"], unique=False)
    op.create_table(
        "entries",
        sa.Column("entry_id", sa.String(), nullable=False),
        sa.Column("visit_id", sa.String(), nullable=True),
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("enterprise_name", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("agencies", Json, nullable=False),
        sa.Column("officers", Json, nullable=False),
        sa.Column("items", Json, nullable=False),
        sa.Column("questions", Json, nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("ground", sa.String(), nullable=True),
        sa.Column("source_record", sa.String(), nullable=True),
        sa.Column("code_id", sa.String(), nullable=True),
        sa.Column("filing_id", sa.String(), nullable=True),
        sa.Column("opened_by", sa.String(), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("record", Json, nullable=True),
        sa.Column("record_digest", sa.String(), nullable=True),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.Column("ledger_seq", sa.BigInteger(), nullable=True),
        sa.Column("filing_state", sa.String(), nullable=False),
        sa.Column("filing_due", Instant(), nullable=True),
        sa.Column("filing_explained", Json, nullable=False),
        sa.Column("filed_as", sa.String(), nullable=True),
        sa.Column("makeup_visit_id", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_entries")),
    )
    op.create_index(
        "ix_entries_awaiting",
        "entries",
        ["filing_due"],
        unique=False,
        postgresql_where=sa.text("filing_state = 'awaiting'"),
        sqlite_where=sa.text("filing_state = 'awaiting'"),
    )
    op.create_index(op.f("ix_entries_enterprise_id"), "entries", ["enterprise_id"], unique=False)
    op.create_index(op.f("ix_entries_makeup_visit_id"), "entries", ["makeup_visit_id"], unique=False)
    op.create_index("uq_entries_filing_id", "entries", ["filing_id"], unique=True)
    op.create_index("uq_entries_visit_id", "entries", ["visit_id"], unique=True)
    op.create_table(
        "evaluation_tallies",
        sa.Column("agency_id", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("released", Json, nullable=False),
        sa.Column("pending", Json, nullable=False),
        sa.PrimaryKeyConstraint("agency_id", name=op.f("pk_evaluation_tallies")),
    )
    op.create_table(
        "evaluations",
        sa.Column("evaluation_id", sa.String(), nullable=False),
        sa.Column("visit_id", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("agencies", Json, nullable=False),
        sa.Column("satisfaction", sa.Integer(), nullable=False),
        sa.Column("code_shown", sa.Boolean(), nullable=False),
        sa.Column("certificates_shown", sa.Boolean(), nullable=False),
        sa.Column("disturbed", sa.Boolean(), nullable=False),
        sa.Column("fees_asked", sa.Boolean(), nullable=False),
        sa.Column("remark", sa.String(), nullable=False),
        sa.Column("evaluated_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("evaluation_id", name=op.f("pk_evaluations")),
        sa.UniqueConstraint("visit_id", name=op.f("uq_evaluations_visit_id")),
    )
    op.create_table(
        "evidence",
        sa.Column("evidence_id", sa.String(), nullable=False),
        sa.Column("entry_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("taken_at", Instant(), nullable=False),
        sa.Column("registered_by", sa.String(), nullable=False),
        sa.Column("registered_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("evidence_id", name=op.f("pk_evidence")),
    )
    op.create_index(op.f("ix_evidence_entry_id"), "evidence", ["entry_id"], unique=False)
    op.create_table(
        "filings",
        sa.Column("filing_id", sa.String(), nullable=False),
        sa.Column("entry_id", sa.String(), nullable=True),
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("agency_id", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("filed_at", Instant(), nullable=False),
        sa.Column("after_the_fact", sa.Boolean(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("filing_id", name=op.f("pk_filings")),
    )
    op.create_table(
        "items",
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("agency_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("questions", Json, nullable=False),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_items")),
    )
    op.create_table(
        "ledger_entries",
        sa.Column("seq", BigId, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("agencies", Json, nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("sealed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_ledger_entries")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_ledger_enterprise", "ledger_entries", ["enterprise_id", "seq"], unique=False)
    op.create_index(
        "ix_ledger_unsealed",
        "ledger_entries",
        ["seq"],
        unique=False,
        postgresql_where=sa.text("not sealed"),
        sqlite_where=sa.text("not sealed"),
    )
    op.create_table(
        "ledger_heads",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("signed_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_ledger_heads")),
    )
    op.create_table(
        "ledger_nodes",
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("level", "position", name=op.f("pk_ledger_nodes")),
        sa.UniqueConstraint("seq", name=op.f("uq_ledger_nodes_seq")),
    )
    op.create_table(
        "officers",
        sa.Column("officer_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("agency_id", sa.String(), nullable=False),
        sa.Column("certificate_no", sa.String(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("suspended", sa.Boolean(), nullable=False),
        sa.Column("suspended_until", sa.Date(), nullable=True),
        sa.Column("exited", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("officer_id", name=op.f("pk_officers")),
    )
    op.create_table(
        "revoked_codes",
        sa.Column("code_id", sa.String(), nullable=False),
        sa.Column("visit_id", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("code_id", name=op.f("pk_revoked_codes")),
    )
    op.create_table(
        "signatures",
        sa.Column("entry_id", sa.String(), nullable=False),
        sa.Column("officer_id", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("signed_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", "officer_id", name=op.f("pk_signatures")),
    )
    op.create_table(
        "unfiled_reports",
        sa.Column("report_id", sa.String(), nullable=False),
        sa.Column("entry_id", sa.String(), nullable=True),
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("agency_id", sa.String(), nullable=True),
        sa.Column("officers", Json, nullable=False),
        sa.Column("reported_by", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("happened_at", Instant(), nullable=False),
        sa.Column("reported_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("report_id", name=op.f("pk_unfiled_reports")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_unfiled_reports_entry_id")),
    )
    op.create_index(op.f("ix_unfiled_reports_enterprise_id"), "unfiled_reports", ["enterprise_id"], unique=False)
    op.create_table(
        "visits",
        sa.Column("visit_id", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("enterprise_name", sa.String(), nullable=False),
        sa.Column("premises_id", sa.String(), nullable=True),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("agencies", Json, nullable=False),
        sa.Column("officers", Json, nullable=False),
        sa.Column("items", Json, nullable=False),
        sa.Column("questions", Json, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("ground", sa.String(), nullable=True),
        sa.Column("source_record", sa.String(), nullable=True),
        sa.Column("opens", Instant(), nullable=False),
        sa.Column("closes", Instant(), nullable=False),
        sa.Column("code_id", sa.String(), nullable=False),
        sa.Column("makeup_for", sa.String(), nullable=True),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("visit_id", name=op.f("pk_visits")),
    )
    op.create_index(op.f("ix_visits_code_id"), "visits", ["code_id"], unique=False)
    op.create_index(op.f("ix_visits_enterprise_id"), "visits", ["enterprise_id"], unique=False)
    op.create_index(op.f("ix_visits_makeup_for"), "visits", ["makeup_for"], unique=False)
    # ### end Alembic commands ###


def upgrade() -> None:
    """Create everything."""
    create_platform_tables()
    _create_tables()
    protect("enterprises", agency=None, enterprise="enterprise_id")
    for shared in ("visits", "entries", "ledger_entries"):
        protect(shared, enterprise="enterprise_id", agency_condition=ONE_OF_AGENCIES)
    protect("filings", enterprise="enterprise_id")
    protect("evaluations", agency=None)
    protect("evaluation_tallies")
    protect("declines", agency=None, enterprise="enterprise_id")
    protect("unfiled_reports", agency=None, enterprise="enterprise_id")
