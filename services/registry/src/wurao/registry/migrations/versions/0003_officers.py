"""Training, examinations, posts, reviews and recusal of officers."""

import sqlalchemy as sa
from alembic import op

from wurao.common.db import Instant, Json
from wurao.common.rls import protect

revision = "0003"
down_revision = "0002"


def _extend_officers() -> None:
    op.add_column("officers", sa.Column("post", sa.String(), nullable=False, server_default=""))
    op.add_column("officers", sa.Column("employment", sa.String(), nullable=True))
    op.add_column("officers", sa.Column("retires_on", sa.Date(), nullable=True))
    op.add_column("officers", sa.Column("qualification_no", sa.String(), nullable=False, server_default=""))
    op.add_column("officers", sa.Column("suspended_above", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("officers", sa.Column("recusals", sa.Integer(), nullable=False, server_default="0"))
    op.create_index(op.f("ix_officers_retires_on"), "officers", ["retires_on"])
    with op.batch_alter_table("officers") as officers:
        officers.create_unique_constraint(op.f("uq_officers_certificate_no"), ["certificate_no"])


def _create_records() -> None:
    for table, key, day, columns in (
        (
            "officer_trainings",
            "training_id",
            "finished_on",
            [sa.Column("course", sa.String(), nullable=False), sa.Column("hours", sa.Integer(), nullable=False)],
        ),
        ("officer_examinations", "examination_id", "sat_on", [sa.Column("score", sa.Integer(), nullable=False)]),
    ):
        op.create_table(
            table,
            sa.Column(key, sa.String(), nullable=False),
            sa.Column("officer_id", sa.String(), nullable=False),
            *columns,
            sa.Column(day, sa.Date(), nullable=False),
            sa.Column("passed", sa.Boolean(), nullable=False),
            sa.Column("recorded_by", sa.String(), nullable=False),
            sa.Column("recorded_at", Instant(), nullable=False),
            sa.PrimaryKeyConstraint(key, name=op.f(f"pk_{table}")),
        )
        op.create_index(op.f(f"ix_{table}_officer"), table, ["officer_id", day])
    op.create_table(
        "officer_posts",
        sa.Column("post_id", sa.String(), nullable=False),
        sa.Column("officer_id", sa.String(), nullable=False),
        sa.Column("post", sa.String(), nullable=False),
        sa.Column("employment", sa.String(), nullable=False),
        sa.Column("began_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("post_id", name=op.f("pk_officer_posts")),
    )
    op.create_index(op.f("ix_officer_posts_officer"), "officer_posts", ["officer_id", "began_on"])


def _create_reviews() -> None:
    op.create_table(
        "officer_reviews",
        sa.Column("review_id", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("agency_id", sa.String(), nullable=True),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("clause", sa.String(), nullable=False),
        sa.Column("cite", sa.String(), nullable=False),
        sa.Column("opened_by", sa.String(), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("review_id", name=op.f("pk_officer_reviews")),
        sa.UniqueConstraint("scope", "year", name=op.f("uq_officer_reviews_scope_year")),
    )
    op.create_table(
        "officer_review_entries",
        sa.Column("review_id", sa.String(), nullable=False),
        sa.Column("officer_id", sa.String(), nullable=False),
        sa.Column("agency_id", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("reasons", Json, nullable=False),
        sa.Column("doubtful", sa.Boolean(), nullable=False),
        sa.Column("decision", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("review_id", "officer_id", name=op.f("pk_officer_review_entries")),
    )
    op.create_index(op.f("ix_officer_review_entries_agency_id"), "officer_review_entries", ["agency_id"])
    own = "(agency_id is null or agency_id = current_setting('wurao.agency', true))"
    # A county sees the review of its prefecture where it sees certificates under that review.
    concerned = "exists (select 1 from officer_review_entries e where e.review_id = officer_reviews.review_id)"
    protect("officer_reviews", agency_condition=own, area_condition=concerned)
    protect("officer_review_entries")


def _create_conflicts() -> None:
    op.create_table(
        "officer_conflicts",
        sa.Column("conflict_id", sa.String(), nullable=False),
        sa.Column("officer_id", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("agency_id", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("entered_by", sa.String(), nullable=False),
        sa.Column("entered_at", Instant(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("conflict_id", name=op.f("pk_officer_conflicts")),
    )
    for column in ("agency_id", "area", "enterprise_id"):
        op.create_index(op.f(f"ix_officer_conflicts_{column}"), "officer_conflicts", [column])
    op.create_index(op.f("ix_officer_conflicts_officer"), "officer_conflicts", ["officer_id", "enterprise_id"])
    protect("officer_conflicts", enterprise="enterprise_id")


def upgrade() -> None:
    """Records of officers, reviews of certificates, conflicts."""
    _extend_officers()
    _create_records()
    _create_reviews()
    _create_conflicts()
