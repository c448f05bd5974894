"""Migrations: one alembic environment for all services, run with the owner's role on PostgreSQL."""

import asyncio
from importlib.resources import files
from pathlib import Path

from alembic import command, op
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from wurao.common import platform_tables

APP_ROLE = "wurao_app"


def config_for(service: str) -> Config:
    """The alembic configuration of a service's migrations folder."""
    config = Config()
    config.set_main_option("script_location", str(files(f"wurao.{service}") / "migrations"))
    config.set_main_option("path_separator", "os")
    return config


def create_platform_tables() -> None:
    """First step of each service's first revision: the tables of `platform`, and the outbox's wake-up."""
    bind = op.get_bind()
    platform_tables.create()
    if bind.dialect.name == "postgresql":
        op.execute(
            "create function wurao_wake() returns trigger language plpgsql as"
            " $$ begin perform pg_notify('wurao_outbox', ''); return null; end $$"
        )
        op.execute("create trigger outbox_wake after insert on outbox for each statement execute function wurao_wake()")


async def upgrade(service: str, url: str) -> None:
    """Bring a service's database to the newest revision. Safe to run by several at once on PostgreSQL."""
    if url.startswith("sqlite"):
        Path(url.split("///", 1)[1]).parent.mkdir(parents=True, exist_ok=True)
    engine = create_async_engine(url)
    try:
        async with engine.begin() as connection:
            if not url.startswith("sqlite"):
                await connection.execute(text("select pg_advisory_xact_lock(hashtext('wurao_migrate'))"))
            await connection.run_sync(_upgrade, service)
    finally:
        await engine.dispose()


def _upgrade(connection: Connection, service: str) -> None:
    config = config_for(service)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    grant(connection)


def grant(connection: Connection) -> None:
    """Give the services' role its rights where it exists; it owns nothing, so row-level security binds it."""
    if connection.dialect.name != "postgresql":
        return
    if not connection.scalar(text("select 1 from pg_roles where rolname = :role"), {"role": APP_ROLE}):
        return
    for statement in (
        f"grant usage on schema public to {APP_ROLE}",
        f"grant select, insert, update, delete on all tables in schema public to {APP_ROLE}",
        f"grant usage, select on all sequences in schema public to {APP_ROLE}",
        f"grant execute on all functions in schema public to {APP_ROLE}",
    ):
        connection.execute(text(statement))


def upgrade_now(service: str, url: str) -> None:
    """`upgrade` for callers without a running loop."""
    asyncio.run(upgrade(service, url))


def head_of(service: str) -> str | None:
    """The newest revision in a service's migrations folder."""
    return ScriptDirectory.from_config(config_for(service)).get_current_head()


def current(connection: Connection) -> str | None:
    """The revision of a database."""
    return MigrationContext.configure(connection).get_current_revision()


def run_environment() -> None:
    """What each service's `migrations/env.py` calls."""
    from alembic import context

    connection: Connection = context.config.attributes["connection"]
    context.configure(connection=connection, transaction_per_migration=False)
    with context.begin_transaction():
        context.run_migrations()
