"""Uploaded packs, and activations by two persons."""

import sqlalchemy as sa
from alembic import op

from wurao.common.db import Instant, Json

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """See the module."""
    op.create_table(
        "pack_drafts",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("document", Json, nullable=False),
        sa.Column("uploaded_by", sa.String(), nullable=False),
        sa.Column("uploaded_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("name", "digest", name=op.f("pk_pack_drafts")),
    )
    op.create_table(
        "pack_activations",
        sa.Column("activation_id", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("pack", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("document", Json, nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("proposed_by", sa.String(), nullable=False),
        sa.Column("proposed_at", Instant(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("ended_because", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "decided_by is null or decided_by <> proposed_by", name=op.f("ck_pack_activations_two_persons")
        ),
        sa.PrimaryKeyConstraint("activation_id", name=op.f("pk_pack_activations")),
    )
    op.create_index("ix_pack_activations_area", "pack_activations", ["area", "effective_from"])
    op.create_index(
        "uq_pack_activations_approved",
        "pack_activations",
        ["area", "effective_from"],
        unique=True,
        postgresql_where=sa.text("state = 'approved'"),
        sqlite_where=sa.text("state = 'approved'"),
    )
