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
# Places of tasks that are over without a visit are free again. Tasks are read once, not for each visit.
_FREED = "update superior_visits set accepted = 0"
_COUNTED = """
update superior_visits set accepted = held.n
from (
    select acceptance_of, count(*) as n from tasks
    where acceptance_of is not null and state not in ('cancelled', 'lapsed')
    group by acceptance_of
) as held
where held.acceptance_of = superior_visits.superior_visit_id
"""


def upgrade() -> None:
    """The column, for earlier tasks too."""
    op.add_column("tasks", sa.Column("acceptance_of", sa.String(), nullable=True))
    if op.get_bind().dialect.name == "postgresql":
        op.execute("select set_config('wurao.scope', 'system', true)")
    for statement in (_FOLLOWED, _FREED, _COUNTED):
        op.execute(statement)
