"""Many rows at once on both databases: what is written is what ordinary statements would have written."""

import json
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select, text
from tests.transport.conftest import OpenDatabase

from wurao.common import bulk, outbox
from wurao.common.bulk import insert_rows, is_postgres, update_rows
from wurao.common.contracts.registry import AgencyWithdrawn
from wurao.common.platform import CalendarRow, OutboxRow

CALENDARS = CalendarRow.metadata.tables["calendars"]
OUTBOX = OutboxRow.metadata.tables["outbox"]
COLUMNS = ("year", "notice", "workdays", "holidays", "statutory", "version")


def calendar(year: int) -> tuple[object, ...]:
    """A row of `calendars` with JSON in it."""
    return (year, f'通知"{year}"', ["2026-01-04"], {"2026-01-01": "元旦"}, [], 1)


async def test_rows_of_a_generator_are_kept_whole_and_updated_by_key(open_database: OpenDatabase) -> None:
    """Inserted rows read back with their JSON; an update changes the rows named and no others."""
    database = open_database()
    async with database.write() as session:
        await insert_rows(session, CALENDARS, COLUMNS, (calendar(year) for year in range(2000, 8000)))
        await update_rows(
            session, CALENDARS, "year", ("notice", "workdays"), [(2001, "改", ["2001-02-03"]), (9, "", [])]
        )
        await update_rows(session, CALENDARS, "year", ("version",), ((year, 2) for year in (2001, 2002)))
    async with database.read() as session:
        rows = (await session.scalars(select(CalendarRow).order_by(CalendarRow.year))).all()
    assert [row.year for row in rows] == list(range(2000, 8000))
    assert (rows[0].notice, rows[0].holidays, rows[0].version) == ('通知"2000"', {"2026-01-01": "元旦"}, 1)
    assert (rows[1].notice, rows[1].workdays, rows[1].version) == ("改", ["2001-02-03"], 2)
    assert [row.year for row in rows if row.version == 2] == [2001, 2002]


async def test_bulk_work_is_part_of_the_transaction(open_database: OpenDatabase) -> None:
    """Rows and events staged in bulk are gone with the transaction that failed."""
    database = open_database()

    async def fails() -> None:
        async with database.write() as session:
            await insert_rows(session, CALENDARS, COLUMNS, [calendar(2030)])
            await outbox.stage_bodies(session, AgencyWithdrawn, [("a", "{}")])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fails()
    async with database.read() as session:
        assert (await session.scalars(select(CalendarRow))).all() == []
        assert (await session.scalars(select(OutboxRow))).all() == []


async def test_events_staged_in_bulk_equal_events_recorded(open_database: OpenDatabase) -> None:
    """But for id and time the outbox rows are those that `record` gives, behind what was recorded before them."""
    database = open_database()
    events = [
        AgencyWithdrawn(agency_id=f'a"{n}', reason="撤销\n", withdrawn_on=date(2026, 1, 5), version=n)
        for n in (1, 2, 3)
    ]
    async with database.write() as session:
        session.record(*events)
        await outbox.stage_bodies(session, AgencyWithdrawn, ((event.key, event.model_dump_json()) for event in events))
    async with database.read() as session:
        rows = (await session.scalars(select(OutboxRow).order_by(OutboxRow.id))).all()
    plain, staged = rows[:3], rows[3:]
    for one, other in zip(plain, staged, strict=True):
        assert (one.topic, one.key, one.body, one.attempts) == (other.topic, other.key, other.body, other.attempts)
        assert one.headers | {"ce_id": "", "ce_time": ""} == other.headers | {"ce_id": "", "ce_time": ""}
        assert datetime.fromisoformat(other.headers["ce_time"]) == other.recorded_at
        assert abs((other.recorded_at - datetime.now(UTC)).total_seconds()) < 60
    assert len({row.headers["ce_id"] for row in rows}) == 6
    assert database.committed.is_set()


ODD = ("", "\\N", "\\", "\\.", "a\tb", "a\nb", "a\r\nb", "'\"", "中文\\t", "\x01", "null", " a ", "😀")


@pytest.mark.parametrize("at_once", [1, len(ODD)])
async def test_packed_rows_arrive_as_they_are(open_database: OpenDatabase, at_once: int) -> None:
    """Text that COPY would read as something else, and NULL, are kept as given, alone and among plain rows."""
    database = open_database()
    columns = (*outbox.STAGED, "error")
    given = [(text, None if at % 2 else text) for at, text in enumerate(ODD)]
    headers, now = '{"ce_id": "\\\\ \\""}', "2026-01-05 01:00:00.000000"
    zoned = f"{now}+00:00"
    for at in range(0, len(given), at_once):
        async with database.write() as session:
            instant = zoned if is_postgres(session) else now
            rows = [("t", key, headers, key, instant, 0, error) for key, error in given[at : at + at_once]]
            await bulk.insert_packed(session, OUTBOX, columns, bulk.pack(session, rows))
    async with database.read() as session:
        kept = (await session.scalars(select(OutboxRow).order_by(OutboxRow.id))).all()
    assert [(row.key, row.error) for row in kept] == given
    assert [row.body for row in kept] == list(ODD)
    assert {row.headers["ce_id"] for row in kept} == {'\\ "'}
    assert {row.recorded_at for row in kept} == {datetime(2026, 1, 5, 1, tzinfo=UTC)}


@pytest.mark.postgres
async def test_csv_goes_in_and_out_within_the_transaction(open_postgres: OpenDatabase) -> None:
    """Rows given as CSV are kept, an empty field as NULL, and a query's rows come back as CSV."""
    database = open_postgres()
    async with database.write() as session:
        assert is_postgres(session)
        body = json.dumps({"a": 'x"y'})
        quoted = body.replace('"', '""')
        data = f'{{}},t,k,"{quoted}",2026-01-05T01:00:00+00:00,\n'.encode()
        await bulk.copy_csv(session, "outbox", ["headers", "topic", "key", "body", "recorded_at", "error"], data)
        assert await session.scalar(text("select error is null from outbox")) is True
        found = await bulk.copy_out(session, "select topic, body from outbox where key = $1", "k")
    assert found.decode() == f't,"{quoted}"\n'
