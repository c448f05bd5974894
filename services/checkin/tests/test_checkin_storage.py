"""Check-in on both databases: the whole walk with every reader's own scope, and ten scans at once."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from wurao.common.auth import Role
from wurao.common.contracts.checkin import InspectionFinished, InspectionStarted, UnfiledEntryReported
from wurao.local.plugin import Storage

MARKET, SHOP, STALL = "330802-market", "91330802MA00000001", "92330802MA00000002"
MakeWorld = Callable[..., Awaitable[Any]]


async def test_ten_scans_at_once_make_one_entry(make_world: MakeWorld, storage: Storage) -> None:
    """The database alone decides between simultaneous scans: one enters, nine are told its entry."""
    world = await make_world(database_url=storage.url, migration_url=storage.migration_url)
    _, token = await world.approve()
    answers = await asyncio.gather(*(world.knock(token) for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 9
    [entry_id] = [answer.json()["entry_id"] for answer in answers if answer.status_code == 201]
    assert all(entry_id in answer.json()["detail"] for answer in answers if answer.status_code == 409)
    await world.harness.recorder.wait_for(InspectionStarted)
    assert len(world.harness.recorder.of(InspectionStarted)) == 1


async def test_two_evaluations_at_once_count_once(make_world: MakeWorld, storage: Storage) -> None:
    """Of two simultaneous evaluations of one visit one is taken, and evaluations of two visits both count."""
    world = await make_world(database_url=storage.url, migration_url=storage.migration_url)
    tokens = []
    for _ in range(2):
        entered = await world.enter()
        await world.finish(entered["entry_id"])
        tokens.append(entered["token"])
    rating = {
        "satisfaction": 5,
        "code_shown": True,
        "certificates_shown": True,
        "disturbed": False,
        "fees_asked": False,
    }
    answers = await asyncio.gather(
        *(world.client.post("/v1/public/evaluations", json=rating | {"code": token}) for token in (*tokens, *tokens))
    )
    assert sorted(answer.status_code for answer in answers) == [201, 201, 409, 409]
    head = world.harness.headers(Role.HEAD, agency_id=MARKET)
    tally = await world.client.get(f"/v1/agencies/{MARKET}/evaluations", headers=head)
    assert tally.json()["count"] == 2


async def test_walk_with_every_reader(make_world: MakeWorld, storage: Storage) -> None:
    """Entry, record, end, sealing, report and overdue filing work, and each reader sees its own on each database."""
    world = await make_world("quzhou", database_url=storage.url, migration_url=storage.migration_url)
    entry_id = (await world.enter())["entry_id"]
    seq = (await world.finish(entry_id))["ledger_seq"]
    await world.harness.recorder.wait_for(InspectionFinished)
    assert (await world.harness.service.sweep())["ledger.seal"] == 2
    headers = world.harness.headers
    readers = {
        "officer": (world.officer("f1"), 200),
        "head": (headers(Role.HEAD, agency_id=MARKET), 200),
        "other agency": (headers(Role.HEAD, agency_id="330802-ecology"), 404),
        "enterprise": (world.enterprise(), 200),
        "other enterprise": (world.enterprise(STALL), 404),
        "supervisor": (world.supervisor("330800"), 200),
        "other area": (world.supervisor("330803"), 404),
    }
    for reader, (who, status) in readers.items():
        for path in (f"/v1/entries/{entry_id}", f"/v1/ledger/{seq}", f"/v1/ledger/{seq}/receipt"):
            answer = await world.client.get(path, headers=who)
            assert answer.status_code == status, (reader, path, answer.text)
        if status == 200:
            row = (await world.client.get(f"/v1/ledger/{seq}", headers=who)).json()
            assert row["intact"] is True, (reader, row)
            trace = await world.client.get(f"/v1/enterprises/{SHOP}/entries", headers=who)
            assert [line["kind"] for line in trace.json()["items"]] == ["inspection_finished", "entry_scanned"]
    answer = await world.except_()
    excepted = answer.json()["entry_id"]
    answers = [{"question_id": "q1", "value": 0.5}]
    results = [{"item_id": "M-1", "result": "conform"}]
    assert (await world.put_record(excepted, answers=answers, results=results, findings=[])).status_code == 409
    answers = [{"question_id": "q1", "value": True}, {"question_id": "q2", "value": -0.0}]
    finished = await world.finish(excepted, answers=answers, results=results, findings=[])
    world.harness.clock.advance(timedelta(days=9))
    assert await world.harness.service.sweep() == {"filings.overdue": 1, "ledger.seal": 3}
    report = await world.harness.recorder.wait_for(UnfiledEntryReported)
    assert report.entry_id == excepted
    row = (await world.client.get(f"/v1/ledger/{finished['ledger_seq']}", headers=world.supervisor())).json()
    assert (row["intact"], row["sealed"]) == (True, True), row
    heads = (await world.client.get("/v1/public/ledger/consistency", params={"first": 2, "second": 5})).json()
    assert heads["second"]["size"] == 5
