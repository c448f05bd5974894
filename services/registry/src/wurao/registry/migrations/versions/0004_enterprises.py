"""Life, former names, search and duplicates of enterprises."""

import sqlalchemy as sa
from alembic import op

from wurao.common.db import Instant, Json
from wurao.registry.domain.search import name_key, search_text

revision = "0004"
down_revision = "0003"

BATCH = 5_000


def upgrade() -> None:
    """Add what lives beside the particulars, and index the names of the enterprises that are there."""
    op.add_column("enterprises", sa.Column("parent_id", sa.String(), nullable=True))
    op.add_column("enterprises", sa.Column("merged_into", sa.String(), nullable=True))
    op.add_column("premises", sa.Column("opened_on", sa.Date(), nullable=True))
    op.add_column("premises", sa.Column("closed_on", sa.Date(), nullable=True))
    _create_life()
    _create_duplicates()
    _create_search()
    _index_names()


def _create_life() -> None:
    op.create_table(
        "enterprise_deeds",
        sa.Column("deed_id", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("verb", sa.String(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("before", Json, nullable=False),
        sa.Column("after", Json, nullable=False),
        sa.Column("done_by", sa.String(), nullable=False),
        sa.Column("known_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("deed_id", name=op.f("pk_enterprise_deeds")),
    )
    op.create_index("ix_enterprise_deeds_enterprise", "enterprise_deeds", ["enterprise_id", "deed_id"])
    op.create_table(
        "former_names",
        sa.Column("former_id", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("used_until", sa.Date(), nullable=False),
        sa.Column("source_id", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("former_id", name=op.f("pk_former_names")),
    )
    op.create_index(op.f("ix_former_names_enterprise_id"), "former_names", ["enterprise_id"])
    op.create_table(
        "former_codes",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("code", "enterprise_id", name=op.f("pk_former_codes")),
    )
    op.create_index(op.f("ix_former_codes_enterprise_id"), "former_codes", ["enterprise_id"])


def _create_duplicates() -> None:
    op.create_table(
        "duplicate_proposals",
        sa.Column("proposal_id", sa.String(), nullable=False),
        sa.Column("first_id", sa.String(), nullable=False),
        sa.Column("second_id", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("grounds", Json, nullable=False),
        sa.Column("reasons", Json, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("found_at", Instant(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("decision_reason", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("proposal_id", name=op.f("pk_duplicate_proposals")),
    )
    op.create_index("uq_duplicate_proposals_pair", "duplicate_proposals", ["first_id", "second_id"], unique=True)
    op.create_index("ix_duplicate_proposals_state", "duplicate_proposals", ["state", "proposal_id"])
    op.create_index("ix_duplicate_proposals_second", "duplicate_proposals", ["second_id"])
    op.create_table(
        "merges",
        sa.Column("merge_id", sa.String(), nullable=False),
        sa.Column("merged_id", sa.String(), nullable=False),
        sa.Column("survivor_id", sa.String(), nullable=False),
        sa.Column("proposal_id", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("status_before", sa.String(), nullable=False),
        sa.Column("facts", Json, nullable=False),
        sa.Column("premises", Json, nullable=False),
        sa.Column("names", Json, nullable=False),
        sa.Column("codes", Json, nullable=False),
        sa.Column("adjustments", Json, nullable=False),
        sa.Column("objections", Json, nullable=False),
        sa.Column("conflicts", Json, nullable=False),
        sa.Column("merged_by", sa.String(), nullable=False),
        sa.Column("merged_at", Instant(), nullable=False),
        sa.Column("undone_by", sa.String(), nullable=True),
        sa.Column("undone_at", Instant(), nullable=True),
        sa.Column("undone_reason", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("merge_id", name=op.f("pk_merges")),
    )
    op.create_index("ix_merges_merged", "merges", ["merged_id"])
    op.create_index("ix_merges_survivor", "merges", ["survivor_id"])


def _create_search() -> None:
    op.create_table(
        "enterprise_search",
        sa.Column("search_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("name_key", sa.String().with_variant(sa.String(collation="C"), "postgresql"), nullable=False),
        sa.Column("grams", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("search_id", name=op.f("pk_enterprise_search")),
        sa.UniqueConstraint("enterprise_id", name=op.f("uq_enterprise_search_enterprise_id")),
    )
    op.create_index(op.f("ix_enterprise_search_name_key"), "enterprise_search", ["name_key"])
    for statement in _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRES:
        op.execute(statement)


# Grams are indexed as they are: neither a parser nor the locale of the database has a say in what a letter is.
_POSTGRES = (
    "create index ix_enterprise_search_grams on enterprise_search"
    " using gin (array_to_tsvector(string_to_array(grams, ' ')))",
)

_SQLITE = (
    "create virtual table enterprise_search_fts using fts5(grams, content='enterprise_search',"
    " content_rowid='search_id', detail='none', columnsize=0,"
    " tokenize=\"unicode61 remove_diacritics 0 tokenchars '@'\")",
    "create trigger enterprise_search_inserted after insert on enterprise_search begin"
    " insert into enterprise_search_fts(rowid, grams) values (new.search_id, new.grams); end",
    "create trigger enterprise_search_deleted after delete on enterprise_search begin"
    " insert into enterprise_search_fts(enterprise_search_fts, rowid, grams)"
    " values ('delete', old.search_id, old.grams); end",
    "create trigger enterprise_search_updated after update of grams on enterprise_search begin"
    " insert into enterprise_search_fts(enterprise_search_fts, rowid, grams)"
    " values ('delete', old.search_id, old.grams);"
    " insert into enterprise_search_fts(rowid, grams) values (new.search_id, new.grams); end",
)


def _index_names() -> None:
    enterprises = sa.table("enterprises", sa.column("enterprise_id"), sa.column("name"), sa.column("area"))
    search = sa.table("enterprise_search", sa.column("enterprise_id"), sa.column("name_key"), sa.column("grams"))
    key, connection, last = enterprises.c.enterprise_id, op.get_bind(), ""
    while rows := connection.execute(sa.select(enterprises).where(key > last).order_by(key).limit(BATCH)).all():
        last = rows[-1].enterprise_id
        values = [
            {"enterprise_id": id_, "name_key": name_key(name), "grams": search_text(name, (), area)}
            for id_, name, area in rows
        ]
        connection.execute(sa.insert(search), values)
