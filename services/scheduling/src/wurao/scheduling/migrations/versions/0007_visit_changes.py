"""Changes of visits with their approvals, revoked codes, approvals that follow an entry, private calendars."""

import sqlalchemy as sa
from alembic import op

from wurao.common.db import Instant, Json
from wurao.common.rls import protect

revision = "0007"
down_revision = "0006"

_LIVE = sa.text("state not in ('cancelled', 'lapsed') and makeup_for is null")


def _widen_visits() -> None:
    """An inspection that took place already takes no day of the enterprise."""
    with op.batch_alter_table("visits") as visits:
        for name, kind in (("opens_at", Instant()), ("closes_at", Instant()), ("makeup_for", sa.String())):
            visits.add_column(sa.Column(name, kind, nullable=True))
    op.create_index(op.f("ix_visits_makeup_for"), "visits", ["makeup_for"])
    op.drop_index("uq_visits_day", "visits")
    op.create_index(
        "uq_visits_day",
        "visits",
        ["enterprise_id", "day"],
        unique=True,
        postgresql_where=_LIVE,
        sqlite_where=_LIVE,
    )


def _widen_filings() -> None:
    """Filings so far keep their due date without its reckoning."""
    with op.batch_alter_table("filings") as filings:
        filings.add_column(sa.Column("visit_id", sa.String(), nullable=True))
        filings.add_column(sa.Column("approved_late", sa.Boolean(), nullable=True))
        filings.add_column(sa.Column("reckoning", Json, nullable=True))
        filings.add_column(sa.Column("version", sa.Integer(), nullable=True))
    array = "jsonb_build_array" if op.get_bind().dialect.name == "postgresql" else "json_array"
    op.execute(f"update filings set version = 1, reckoning = {array}()")  # noqa: S608
    with op.batch_alter_table("filings") as filings:
        filings.alter_column("reckoning", existing_type=Json, nullable=False)
        filings.alter_column("version", existing_type=sa.Integer(), nullable=False)


def _create_changes() -> None:
    op.create_table(
        "visit_changes",
        sa.Column("change_id", sa.String(), nullable=False),
        sa.Column("visit_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("wanted", Json, nullable=False),
        sa.Column("old", Json, nullable=False),
        sa.Column("new", Json, nullable=False),
        sa.Column("proposed_by", sa.String(), nullable=False),
        sa.Column("proposed_at", Instant(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("remark", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("change_id", name=op.f("pk_visit_changes")),
    )
    op.create_index(op.f("ix_visit_changes_visit_id"), "visit_changes", ["visit_id"])
    op.create_index(
        "uq_visit_changes_awaiting",
        "visit_changes",
        ["visit_id"],
        unique=True,
        postgresql_where=sa.text("state = 'awaiting'"),
        sqlite_where=sa.text("state = 'awaiting'"),
    )
    op.create_table(
        "revoked_codes",
        sa.Column("code_id", sa.String(), nullable=False),
        sa.Column("visit_id", sa.String(), nullable=False),
        sa.Column("revoked_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("code_id", name=op.f("pk_revoked_codes")),
    )
    op.create_index(op.f("ix_revoked_codes_visit_id"), "revoked_codes", ["visit_id"])
    op.create_index(op.f("ix_revoked_codes_revoked_at"), "revoked_codes", ["revoked_at"])


def upgrade() -> None:
    """Changes and revoked codes follow their visit, which code guards; revoked codes are public."""
    _widen_visits()
    _widen_filings()
    _create_changes()
    op.create_table(
        "calendar_links",
        sa.Column("link_id", sa.String(), nullable=False),
        sa.Column("secret_digest", sa.String(), nullable=False),
        sa.Column("agency_id", sa.String(), nullable=True),
        sa.Column("enterprise_id", sa.String(), nullable=True),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("link_id", name=op.f("pk_calendar_links")),
        sa.UniqueConstraint("secret_digest", name=op.f("uq_calendar_links_secret_digest")),
    )
    op.create_index(op.f("ix_calendar_links_agency_id"), "calendar_links", ["agency_id"])
    op.create_index(op.f("ix_calendar_links_enterprise_id"), "calendar_links", ["enterprise_id"])
    protect("calendar_links", area=None, enterprise="enterprise_id")
