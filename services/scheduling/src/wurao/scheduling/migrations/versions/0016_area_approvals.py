"""Approvals by the common superior of inspections outside an agency's own area.

Those of earlier tasks are taken over as they were written: approved by whoever made the task.
"""

import sqlalchemy as sa
from alembic import op

from wurao.common.db import Instant
from wurao.common.rls import protect

revision = "0016"
down_revision = "0015"

_WRITTEN = """
insert into area_approvals (
    approval_id, number, agency_id, enterprise_id, area, superior, reason, until,
    approved_by, approver_agency_id, approved_at, withdrawn_at, version
)
select min(task_id), superior_approval, agency_id, enterprise_id, min(area), '', '', max(latest),
    min(created_by), null, min(created_at), null, 1
from tasks
where superior_approval is not null and state in ('open', 'scheduled')
group by superior_approval, agency_id, enterprise_id
"""


def upgrade() -> None:
    """One row for a number, an agency and an enterprise."""
    op.create_table(
        "area_approvals",
        sa.Column("approval_id", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("agency_id", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("superior", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("approved_by", sa.String(), nullable=False),
        sa.Column("approver_agency_id", sa.String(), nullable=True),
        sa.Column("approved_at", Instant, nullable=False),
        sa.Column("withdrawn_at", Instant, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("approval_id", name=op.f("pk_area_approvals")),
    )
    op.create_index("uq_area_approvals_number", "area_approvals", ["enterprise_id", "agency_id", "number"], unique=True)
    op.create_index(op.f("ix_area_approvals_area"), "area_approvals", ["area"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute("select set_config('wurao.scope', 'system', true)")
    op.execute(_WRITTEN)
    protect(
        "area_approvals", agency_condition="current_setting('wurao.agency', true) in (agency_id, approver_agency_id)"
    )
