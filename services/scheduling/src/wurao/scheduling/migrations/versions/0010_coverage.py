"""Coverage of special fields; one filing for each visit of a superior."""

import sqlalchemy as sa
from alembic import op

from wurao.common.rls import protect

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """The area's supervisors see whom nobody inspected."""
    op.create_table(
        "coverage",
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("told_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("enterprise_id", name=op.f("pk_coverage")),
    )
    op.create_index(op.f("ix_coverage_area"), "coverage", ["area"])
    op.create_index("ix_coverage_due", "coverage", ["told_on", "due_on"])
    protect("coverage", agency=None)
    op.create_index("uq_superior_visits_day", "superior_visits", ["enterprise_id", "superior", "day"], unique=True)
