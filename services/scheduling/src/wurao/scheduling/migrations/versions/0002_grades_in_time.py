"""Grades act from their day on: what was announced for later is kept beside what is in force."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Grades by enterprise and day; those known so far are in force."""
    op.create_table(
        "grade_periods",
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("in_force_from", sa.Date(), nullable=False),
        sa.Column("grade", sa.String(), nullable=False),
        sa.Column("sampling_permille", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("enterprise_id", "in_force_from", name=op.f("pk_grade_periods")),
    )
    op.execute(
        "insert into grade_periods (enterprise_id, in_force_from, grade, sampling_permille, version) "
        "select enterprise_id, '1949-10-01', grade, sampling_permille, version from enterprise_grades"
    )
    op.drop_table("enterprise_grades")
