"""Row-level security on PostgreSQL, as the services' role meets it: a role that owns nothing."""

from collections.abc import AsyncIterator, Callable

import asyncpg
import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from wurao.common.auth import Principal, Role
from wurao.common.db import Database, named_metadata
from wurao.common.rls import protect
from wurao.common.scope import NOBODY, SYSTEM, Scope
from wurao.common.testing import create_tables
from wurao.local.plugin import APP_ROLE, Storage

pytestmark = pytest.mark.postgres


class Base(DeclarativeBase):
    metadata = named_metadata()


class File(Base):
    __tablename__ = "files"

    file_id: Mapped[str] = mapped_column(primary_key=True)
    area: Mapped[str]
    agency_id: Mapped[str]
    enterprise_id: Mapped[str]


class Shared(Base):
    """Rows that two agencies see."""

    __tablename__ = "shared"

    file_id: Mapped[str] = mapped_column(primary_key=True)
    agency_id: Mapped[str]
    helper_id: Mapped[str]


ROWS = [
    ("kecheng-market-1", "330802", "market", "e1"),
    ("kecheng-fire-2", "330802", "fire", "e2"),
    ("qujiang-market-3", "330803", "market-qujiang", "e1"),
    ("hangzhou-4", "330100", "market-hangzhou", "e4"),
    ("linxia-5", "622921", "market-linxia", "e5"),
]


def protect_files() -> None:
    protect("files", enterprise="enterprise_id")


def protect_shared() -> None:
    own = "current_setting('wurao.agency', true)"
    protect("shared", area=None, agency_condition=f"{own} in (agency_id, helper_id)")


@pytest.fixture
async def storage(postgres_storage: Callable[[], Storage]) -> Storage:
    """A database with protected tables and rows; its `url` logs in as the services' role."""
    storage = postgres_storage()
    await create_tables(storage.migration_url, Base.metadata, protect_files, protect_shared)
    return storage


@pytest.fixture
async def db(storage: Storage) -> AsyncIterator[Database]:
    """The database as a service opens it."""
    database = Database(storage.url, source="/wurao/test")
    async with database.write() as session:
        names = ("file_id", "area", "agency_id", "enterprise_id")
        await session.execute(insert(File), [dict(zip(names, row, strict=True)) for row in ROWS])
        session.add(Shared(file_id="s1", agency_id="market", helper_id="fire"))
        session.add(Shared(file_id="s2", agency_id="tax", helper_id="fire"))
    yield database
    await database.dispose()


async def seen(db: Database, scope: Scope) -> list[str]:
    async with db.read(scope) as session:
        return list((await session.scalars(select(File.file_id).order_by(File.file_id))).all())


async def test_services_role_owns_nothing(db: Database) -> None:
    """The role under test is neither superuser nor owner, may not pass row security by, and can create nothing."""
    async with db.read() as session:
        assert await session.scalar(text("select current_user")) == APP_ROLE
        rights = await session.execute(
            text("select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb from pg_roles where rolname = current_user")
        )
        assert tuple(rights.one()) == (False, False, False, False)
        owned = text("select count(*) from pg_class where relowner = current_user::regrole")
        assert await session.scalar(owned) == 0


@pytest.mark.parametrize(
    "statement",
    [
        "alter table files disable row level security",
        "drop policy files_scope on files",
        "create table mine (n integer)",
        "truncate files",
        "set role wurao_admin",
    ],
)
async def test_services_role_cannot_lift_the_protection(db: Database, statement: str) -> None:
    """The services' role cannot change tables or policies, nor become another role."""
    async with db.write() as session:
        with pytest.raises(Exception, match=r"must be owner|permission denied"):
            await session.execute(text(statement))
        await session.rollback()


async def test_row_security_cannot_be_switched_off(db: Database) -> None:
    """With row security switched off in the session, a query fails instead of showing everything."""
    async with db.write(NOBODY) as session:
        await session.execute(text("set local row_security = off"))
        with pytest.raises(Exception, match="row-level security"):
            await session.execute(select(File))
        await session.rollback()


async def test_unset_claims_see_nothing(db: Database, storage: Storage) -> None:
    """A connection without claims, one whose claims ended with their transaction, and nobody's scope see no row."""
    url = storage.url.replace("postgresql+asyncpg", "postgresql")
    connection = await asyncpg.connect(url)
    try:
        assert await connection.fetch("select * from files") == []
        async with connection.transaction():
            await connection.execute("select set_config('wurao.scope', 'system', true)")
            assert len(await connection.fetch("select * from files")) == 5
        assert await connection.fetch("select * from files") == []
        assert await connection.execute("update files set area = '330802'") == "UPDATE 0"
        assert await connection.execute("delete from files") == "DELETE 0"
    finally:
        await connection.close()
    assert await seen(db, NOBODY) == []


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({"wurao.scope": "area"}, 0),
        ({"wurao.scope": "agency"}, 0),
        ({"wurao.scope": "enterprise"}, 0),
        ({"wurao.scope": "agency", "wurao.area": "33"}, 0),
        ({"wurao.area": "3308", "wurao.agency": "market", "wurao.enterprise": "e1"}, 0),
        ({"wurao.scope": "agency", "wurao.agency": "market"}, 1),
    ],
    ids=str,
)
async def test_half_set_claims_see_no_more(
    storage: Storage, db: Database, claims: dict[str, str], expected: int
) -> None:
    """A scope without its claim, or claims without a scope, match nothing."""
    connection = await asyncpg.connect(storage.url.replace("postgresql+asyncpg", "postgresql"))
    try:
        async with connection.transaction():
            for name, value in claims.items():
                await connection.execute("select set_config($1, $2, true)", name, value)
            assert len(await connection.fetch("select * from files")) == expected
    finally:
        await connection.close()


@pytest.mark.parametrize(
    ("principal", "expected"),
    [
        (Principal("s", frozenset({Role.SUPERVISOR}), area="330802"), ["kecheng-fire-2", "kecheng-market-1"]),
        (
            Principal("s", frozenset({Role.SUPERVISOR}), area="330800"),
            ["kecheng-fire-2", "kecheng-market-1", "qujiang-market-3"],
        ),
        (
            Principal("s", frozenset({Role.SUPERVISOR}), area="330000"),
            ["hangzhou-4", "kecheng-fire-2", "kecheng-market-1", "qujiang-market-3"],
        ),
        (Principal("s", frozenset({Role.SUPERVISOR}), area="000000"), sorted(row[0] for row in ROWS)),
        (Principal("s", frozenset({Role.SUPERVISOR}), area="110000"), []),
        (Principal("o", frozenset({Role.OFFICER}), agency_id="market", area="330802"), ["kecheng-market-1"]),
        (Principal("o", frozenset({Role.OFFICER}), agency_id="nobody"), []),
        (Principal("e", frozenset({Role.ENTERPRISE}), enterprise_id="e1"), ["kecheng-market-1", "qujiang-market-3"]),
        (
            Principal("e", frozenset({Role.ENTERPRISE}), enterprise_id="e1", agency_id="fire"),
            ["kecheng-market-1", "qujiang-market-3"],
        ),
        (Principal("n", frozenset({Role.SUPERVISOR})), []),
    ],
    ids=lambda value: value.subject if isinstance(value, Principal) else None,
)
async def test_each_scope_sees_its_own(db: Database, principal: Principal, expected: list[str]) -> None:
    """A supervisor sees what lies in the area, an agency and an enterprise their own, others nothing."""
    assert await seen(db, principal.scope()) == expected


async def test_system_sees_everything(db: Database) -> None:
    """The service's own work, such as handling events, is not bound."""
    assert len(await seen(db, SYSTEM)) == len(ROWS)


async def test_claims_do_not_leak_to_the_next_session(storage: Storage) -> None:
    """On one pooled connection, a session after a wider one sees no more than its own scope allows."""
    database = Database(storage.url, source="/wurao/test", pool_size=1)
    try:
        async with database.write() as session:
            session.add(File(file_id="f", area="330802", agency_id="market", enterprise_id="e1"))
        for scope, count in ((SYSTEM, 1), (NOBODY, 0), (Scope("agency", agency_id="market"), 1), (NOBODY, 0)):
            assert len(await seen(database, scope)) == count
    finally:
        await database.dispose()


@pytest.mark.parametrize(
    ("agency", "expected"), [("market", ["s1"]), ("fire", ["s1", "s2"]), ("tax", ["s2"]), ("other", [])]
)
async def test_shared_rows_are_seen_by_those_who_share(db: Database, agency: str, expected: list[str]) -> None:
    """A condition of its own lets several agencies see one row, and no other agency."""
    async with db.read(Scope("agency", agency_id=agency)) as session:
        found = (await session.scalars(select(Shared.file_id).order_by(Shared.file_id))).all()
    assert list(found) == expected


async def test_rows_of_others_cannot_be_written(db: Database) -> None:
    """Under a scope neither another's row can be changed or deleted, nor one be made that others would own."""
    scope = Scope("agency", agency_id="market")
    async with db.write(scope) as session:
        changed = await session.execute(text("update files set enterprise_id = 'x' returning file_id"))
        assert [row[0] for row in changed] == ["kecheng-market-1"]
    async with db.write(scope) as session:
        with pytest.raises(Exception, match="row-level security"):
            await session.execute(text("update files set agency_id = 'fire'"))
        await session.rollback()
    async with db.write(scope) as session:
        with pytest.raises(Exception, match="row-level security"):
            await session.execute(insert(File).values(file_id="f", area="330802", agency_id="fire", enterprise_id="e"))
        await session.rollback()
    assert len(await seen(db, SYSTEM)) == len(ROWS)


async def test_owner_is_bound_too(db: Database) -> None:
    """Protection is forced: the owner of a table, unless superuser, would be bound by its policies."""
    flags = text("select relrowsecurity and relforcerowsecurity from pg_class where relname in ('files', 'shared')")
    async with db.read() as session:
        assert list((await session.scalars(flags)).all()) == [True, True]
