"""Which superior's visit a task for acceptance follows, so that its place can be given back."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

# Until now the source of such a task alone told of the visit: 上级检查 and its id.
_FOLLOWED = """
update tasks set acceptance_of = substr(source_record, 5)
where source_record like '上级检查%'
and substr(source_record, 5) in (select superior_visit_id from superior_visits)
"""
# Places of tasks that are over without a visit are free again.
_COUNTED = """
update superior_visits set accepted = (
    select count(*) from tasks
    where tasks.acceptance_of = superior_visits.superior_visit_id and tasks.state not in ('cancelled', 'lapsed')
)
"""


def upgrade() -> None:
    """The column, for earlier tasks too."""
    op.add_column("tasks", sa.Column("acceptance_of", sa.String(), nullable=True))
    op.create_index(op.f("ix_tasks_acceptance_of"), "tasks", ["acceptance_of"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute("select set_config('wurao.scope', 'system', true)")
    op.execute(_FOLLOWED)
    op.execute(_COUNTED)
