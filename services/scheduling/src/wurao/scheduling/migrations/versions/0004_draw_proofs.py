"""Draws with officers, files of proof, outside randomness, repetition and substitutes.

Draws that were still open were frozen under another algorithm: they end as void, and stay public.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from wurao.common.db import Json

revision = "0004"
down_revision = "0003"

_DRAWS: tuple[sa.Column[Any], ...] = (
    sa.Column("agencies", Json, nullable=False, server_default=sa.text("'[]'")),
    sa.Column("digests", Json, nullable=False, server_default=sa.text("'{}'")),
    sa.Column("officers_size", sa.Integer(), nullable=False, server_default="0"),
    sa.Column("officers_per_visit", sa.Integer(), nullable=False, server_default="0"),
    sa.Column("outside_source", sa.String(), nullable=True),
    sa.Column("outside_on", sa.Date(), nullable=True),
    sa.Column("outside_value", sa.String(), nullable=True),
    sa.Column("repeats", sa.String(), nullable=True),
    sa.Column("repeat_reason", sa.String(), nullable=True),
    sa.Column("job_id", sa.String(), nullable=True),
)
_DRAWN: tuple[sa.Column[Any], ...] = (
    sa.Column("rank", sa.Integer(), nullable=False, server_default="0"),
    sa.Column("officers", Json, nullable=False, server_default=sa.text("'{}'")),
    sa.Column("unsent", Json, nullable=False, server_default=sa.text("'[]'")),
    sa.Column("settled", sa.Boolean(), nullable=False, server_default=sa.true()),
    sa.Column("called", sa.Integer(), nullable=True),
    sa.Column("replaces", sa.String(), nullable=True),
    sa.Column("reason", sa.String(), nullable=True),
    sa.Column("replaced_by", sa.String(), nullable=True),
)


def upgrade() -> None:
    """The columns, and the pools as files."""
    op.create_table(
        "draw_files",
        sa.Column("draw_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("draw_id", "name", name=op.f("pk_draw_files")),
    )
    op.execute("insert into draw_files (draw_id, name, document) select draw_id, 'pool.txt', document from draw_pools")
    op.drop_table("draw_pools")
    for table, columns in (("draws", _DRAWS), ("drawn", _DRAWN)):
        for column in columns:
            op.add_column(table, column)
    op.execute(
        "update draws set state = 'void', void_reason = '抽取算法更新，须重新冻结', ended_at = frozen_at"
        " where state = 'frozen'"
    )
