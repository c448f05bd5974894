"""Jurisdictions, units, delegations and changes of agencies."""

import sqlalchemy as sa
from alembic import op

from wurao.common.db import Instant, Json

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Areas, delegations, units and changes; until when an agency is entrusted."""
    op.create_table(
        "areas",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("parent", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_areas")),
    )
    op.create_index(op.f("ix_areas_parent"), "areas", ["parent"], unique=False)
    op.add_column("agencies", sa.Column("delegated_until", sa.Date(), nullable=True))
    op.create_index(op.f("ix_agencies_delegated_until"), "agencies", ["delegated_until"], unique=False)
    op.create_table(
        "delegations",
        sa.Column("agency_id", sa.String(), nullable=False),
        sa.Column("document_no", sa.String(), nullable=False),
        sa.Column("delegating_id", sa.String(), nullable=False),
        sa.Column("begins", sa.Date(), nullable=False),
        sa.Column("ends", sa.Date(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("agency_id", "document_no", name=op.f("pk_delegations")),
    )
    op.create_index(op.f("ix_delegations_delegating_id"), "delegations", ["delegating_id"], unique=False)
    op.create_table(
        "agency_units",
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("agency_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("duties", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("unit_id", name=op.f("pk_agency_units")),
    )
    op.create_index(op.f("ix_agency_units_agency_id"), "agency_units", ["agency_id"], unique=False)
    op.create_table(
        "agency_changes",
        sa.Column("change_id", sa.String(), nullable=False),
        sa.Column("agency_id", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("changed", Json, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("change_id", name=op.f("pk_agency_changes")),
    )
    op.create_index("ix_agency_changes_agency", "agency_changes", ["agency_id", "change_id"], unique=False)
