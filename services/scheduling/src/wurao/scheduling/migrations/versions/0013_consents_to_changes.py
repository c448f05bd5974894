"""Consents that are asked for another day of an approved joint visit."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """The change that a consent is about; none for the visit itself."""
    op.add_column("consents", sa.Column("change_id", sa.String(), nullable=True))
