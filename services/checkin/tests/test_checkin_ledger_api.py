"""The ledger over HTTP: sealed rows, receipts that verify outside, and every tampering named."""

import json
from base64 import urlsafe_b64decode
from typing import Any

import pytest
from sqlalchemy import text

from wurao.checkin.domain import ledger as tree
from wurao.checkin.signing import LEDGER_HEAD
from wurao.common.codes import Verifier

SHOP, STALL = "91330802MA00000001", "92330802MA00000002"


async def sealed_visit(world: Any) -> tuple[str, int]:
    """A finished visit in the sealed ledger: its entry and row."""
    entry_id = (await world.enter())["entry_id"]
    seq = (await world.finish(entry_id))["ledger_seq"]
    assert (await world.harness.service.sweep())["ledger.seal"] > 0
    return entry_id, int(seq)


async def look(world: Any, seq: int) -> Any:
    """The supervisor's view of a row."""
    answer = await world.client.get(f"/v1/ledger/{seq}", headers=world.supervisor())
    assert answer.status_code == 200, answer.text
    return answer.json()


async def tamper(world: Any, statement: str, **values: Any) -> None:
    """Change the database behind the service's back."""
    async with world.harness.service.db.write() as session:
        await session.execute(text(statement), values)


@pytest.mark.clause("DT-09")
async def test_finished_visit_has_a_signed_intact_row(world: Any) -> None:
    """A finished visit's row names record digest and both signatures, and is intact."""
    entry_id, seq = await sealed_visit(world)
    row = await look(world, seq)
    assert (row["kind"], row["subject_id"], row["sealed"], row["intact"]) == (
        "inspection_finished",
        entry_id,
        True,
        True,
    )
    assert [signature["officer_id"] for signature in row["payload"]["signatures"]] == ["m1", "m2"]


@pytest.mark.clause("DT-09")
@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("update entries set record = replace(record, 'food.label_defect', 'food.stale')", ["entry"]),
        ("update signatures set officer_id = 'm3' where officer_id = 'm2'", ["entry"]),
        ("update entries set finished_at = '2020-01-01 00:00:00.000000'", ["entry"]),
        ("update ledger_entries set payload = replace(payload, 'm2', 'm3') where seq = :seq", ["payload", "entry"]),
        ("update ledger_entries set at = '2020-01-01 00:00:00.000000' where seq = :seq", ["leaf"]),
        ("update ledger_nodes set hash = zeroblob(32) where seq = :seq", ["leaf", "tree"]),
        ("update ledger_nodes set hash = zeroblob(32) where seq <> :seq", ["tree"]),
        ("update ledger_heads set root = zeroblob(32)", ["head"]),
        ("delete from ledger_entries where seq = :seq", ["deleted"]),
    ],
)
async def test_tampering_is_detected_and_named(world: Any, statement: str, broken: list[str]) -> None:
    """Whatever is changed in the database after the sealing, the row says that it is not intact, and where."""
    _, seq = await sealed_visit(world)
    await tamper(world, statement, **({"seq": seq} if ":seq" in statement else {}))
    row = await look(world, seq)
    assert (row["intact"], row["broken"]) == (False, broken)


@pytest.mark.clause("DT-09")
async def test_receipt_verifies_without_the_platform(world: Any) -> None:
    """With the published key alone an enterprise verifies its receipt, before and after the ledger grew."""
    _, seq = await sealed_visit(world)
    answer = await world.client.get(f"/v1/ledger/{seq}/receipt", headers=world.enterprise())
    receipt = answer.json()
    keys = (await world.client.get("/v1/public/ledger/keys")).json()["keys"]
    claims = Verifier(keys).verify(receipt["head"]["token"], typ=LEDGER_HEAD)
    leaf = tree.leaf_hash(urlsafe_b64decode(receipt["entry"]))
    proof = [bytes.fromhex(step) for step in receipt["proof"]]
    root = bytes.fromhex(claims["root"])
    assert tree.includes(leaf, receipt["leaf_index"], claims["size"], proof, root)
    assert json.loads(urlsafe_b64decode(receipt["entry"]))["seq"] == seq
    await sealed_visit(world)
    later = (await world.client.get("/v1/public/ledger/head")).json()
    assert later == (await world.client.get("/v1/ledger/head", headers=world.enterprise())).json()
    sizes = {"first": claims["size"], "second": later["size"]}
    grown = (await world.client.get("/v1/public/ledger/consistency", params=sizes)).json()
    steps = [bytes.fromhex(step) for step in grown["proof"]]
    assert tree.extends(claims["size"], later["size"], root, bytes.fromhex(later["root"]), steps)


async def test_unsealed_row_has_no_receipt_yet(world: Any) -> None:
    """Before the sealer came a row is intact but has no receipt; sealing again adds nothing."""
    entry_id = (await world.enter())["entry_id"]
    seq = (await world.finish(entry_id))["ledger_seq"]
    answer = await world.client.get(f"/v1/ledger/{seq}/receipt", headers=world.enterprise())
    assert (answer.status_code, answer.json()["code"]) == (409, "ledger.not_sealed")
    assert (await world.client.get("/v1/public/ledger/head")).status_code == 404
    assert (await look(world, seq))["sealed"] is False
    assert (await world.harness.service.sweep())["ledger.seal"] == 2
    assert (await world.harness.service.sweep())["ledger.seal"] == 0


async def test_row_reset_to_unsealed_is_not_sealed_twice(world: Any) -> None:
    """A row pushed back into the sealer's queue does not enter the tree a second time."""
    _, seq = await sealed_visit(world)
    await tamper(world, "update ledger_entries set sealed = false")
    assert (await world.harness.service.sweep())["ledger.seal"] == 0
    assert (await look(world, seq))["intact"] is True


async def test_rows_are_seen_by_those_they_concern(world: Any) -> None:
    """Another enterprise, another agency and another area find no row; wrong sizes and numbers are told so."""
    _, seq = await sealed_visit(world)
    for who in (world.enterprise(STALL), world.supervisor("330803")):
        assert (await world.client.get(f"/v1/ledger/{seq}", headers=who)).status_code == 404
        assert (await world.client.get(f"/v1/ledger/{seq}/receipt", headers=who)).status_code == 404
    assert (await world.client.get("/v1/ledger/999", headers=world.supervisor())).status_code == 404
    assert (await world.client.get("/v1/ledger/x", headers=world.supervisor())).status_code == 422
    answer = await world.client.get("/v1/public/ledger/consistency", params={"first": 9, "second": 2})
    assert answer.status_code == 422
    answer = await world.client.get("/v1/public/ledger/consistency", params={"first": 1, "second": 2})
    assert answer.status_code == 404
