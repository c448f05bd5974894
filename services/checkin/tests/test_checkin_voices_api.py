"""What enterprises and the public do without an officer: decline, report, evaluate, check a code."""

import struct
import zlib
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
import zxingcpp

from wurao.common.auth import Role
from wurao.common.codes import KeyRing
from wurao.common.contracts.checkin import EntryDeclined, UnfiledEntryReported, VisitEvaluated
from wurao.common.contracts.scheduling import VisitCancelled

MARKET, FIRE, SHOP, STALL = "330802-market", "330802-fire", "91330802MA00000001", "92330802MA00000002"
MakeWorld = Callable[..., Awaitable[Any]]


async def decline(world: Any, reason: str, **body: Any) -> Any:
    """The shop declines."""
    asked = {"enterprise_id": SHOP, "reason": reason, **body}
    return await world.client.post("/v1/declines", json=asked, headers=world.enterprise())


@pytest.mark.clause("YZ-09")
@pytest.mark.clause("LX-03")
async def test_lawful_refusal_is_no_fault(make_world: MakeWorld) -> None:
    """An enterprise may refuse officers without certificate or number; it counts as no fault, by the pack's clause."""
    world = await make_world("yongzhou")
    visit, _ = await world.approve()
    answer = await decline(world, "no_certificate", visit_id=visit.visit_id, note="未出示证件")
    assert (answer.status_code, answer.json()["clause"], answer.json()["no_fault"]) == (201, "YZ-09", True)
    event = await world.harness.recorder.wait_for(EntryDeclined)
    assert (event.enterprise_id, event.visit_id, event.clause) == (SHOP, visit.visit_id, "YZ-09")
    assert (await decline(world, "no_code")).json()["clause"] == "YZ-01"
    assert (await decline(world, "other", note="不方便")).json()["no_fault"] is False
    await world.activate("linxia")
    assert (await decline(world, "one_officer")).json()["clause"] == "LX-03"
    trace = (await world.client.get(f"/v1/enterprises/{SHOP}/entries", headers=world.enterprise())).json()["items"]
    assert [line["kind"] for line in trace] == ["entry_declined"] * 4


async def test_enterprise_declines_only_for_itself(world: Any) -> None:
    """Nobody declines in another's name or on another's visit."""
    visit, _ = await world.approve()
    body = {"enterprise_id": SHOP, "reason": "no_code"}
    answer = await world.client.post("/v1/declines", json=body, headers=world.enterprise(STALL))
    assert answer.status_code == 403
    body = {"enterprise_id": STALL, "reason": "no_code", "visit_id": visit.visit_id}
    answer = await world.client.post("/v1/declines", json=body, headers=world.enterprise(STALL))
    assert answer.status_code == 404


@pytest.mark.clause("QZ-13")
async def test_unfiled_entry_is_reported_at_once(world: Any) -> None:
    """A report of an uncoded entry is announced with the officers' agency, which does not see it itself."""
    body = {
        "enterprise_id": SHOP,
        "officer_ids": ["m1"],
        "description": "无码检查",
        "happened_at": "2026-01-04T15:00:00+08:00",
    }
    answer = await world.client.post("/v1/unfiled-entries", json=body, headers=world.enterprise())
    assert answer.status_code == 201, answer.text
    event = await world.harness.recorder.wait_for(UnfiledEntryReported)
    assert (event.agency_id, event.reported_by, event.officers[0].name) == (MARKET, "enterprise", "执法员m1")
    trace = f"/v1/enterprises/{SHOP}/entries"
    assert len((await world.client.get(trace, headers=world.enterprise())).json()["items"]) == 1
    assert (await world.client.get(trace, headers=world.officer("m1"))).json()["items"] == []


def rating(token: str, satisfaction: int = 5, **flags: Any) -> dict[str, Any]:
    """An evaluation."""
    seen = {"code_shown": True, "certificates_shown": True, "disturbed": False, "fees_asked": False}
    return {"code": token, "satisfaction": satisfaction, **seen, **flags}


async def rated(world: Any, satisfaction: int = 5, **flags: Any) -> None:
    """A finished visit with its evaluation."""
    entered = await world.enter()
    await world.finish(entered["entry_id"])
    answer = await world.client.post("/v1/public/evaluations", json=rating(entered["token"], satisfaction, **flags))
    assert answer.status_code == 201, answer.text


@pytest.mark.clause("QZ-12")
async def test_visit_is_evaluated_once_after_its_end_with_its_code(make_world: MakeWorld) -> None:
    """No login; before the end, with another visit's code, a forged one, or a second time it is refused."""
    world = await make_world("quzhou")
    entered = await world.enter()
    answer = await world.client.post("/v1/public/evaluations", json=rating(entered["token"]))
    assert (answer.status_code, answer.json()["code"]) == (409, "evaluation.not_finished")
    await world.finish(entered["entry_id"])
    other, unused = await world.approve()
    answer = await world.client.post("/v1/public/evaluations", json=rating(unused))
    assert answer.json()["code"] == "evaluation.not_finished"
    visit, _ = await world.approve(visit_id=entered["visit_id"])
    replaced = world.action_token(other.model_copy(update={"visit_id": entered["visit_id"]}))
    answer = await world.client.post("/v1/public/evaluations", json=rating(replaced))
    assert answer.json()["code"] == "evaluation.other_code"
    forged = world.action_token(visit, KeyRing.generate(world.now - timedelta(days=1)))
    assert (await world.client.post("/v1/public/evaluations", json=rating(forged))).status_code == 422
    answer = await world.client.post("/v1/public/evaluations", json=rating(entered["token"], 2, remark="态度好"))
    assert answer.status_code == 201, answer.text
    event = await world.harness.recorder.wait_for(VisitEvaluated)
    assert (event.visit_id, event.satisfaction) == (entered["visit_id"], 2)
    answer = await world.client.post("/v1/public/evaluations", json=rating(entered["token"]))
    assert (answer.status_code, answer.json()["code"], answer.json()["clause"]) == (409, "evaluation.once", "QZ-12")


@pytest.mark.clause("QZ-12")
async def test_agency_sees_aggregates_of_three_or_more(world: Any) -> None:
    """Below three evaluations an agency sees their number alone; a fourth changes the number and no figure."""
    head = world.harness.headers(Role.HEAD, agency_id=MARKET, area="330802")
    path = f"/v1/agencies/{MARKET}/evaluations"

    async def seen() -> Any:
        return (await world.client.get(path, headers=head)).json()

    assert await seen() == {"agency_id": MARKET, "count": 0, "figures": None}
    await rated(world, 5)
    await rated(world, 4, disturbed=True)
    assert await seen() == {"agency_id": MARKET, "count": 2, "figures": None}
    await rated(world, 4)
    third = await seen()
    assert third["figures"] == {
        "ratings": 3,
        "satisfaction_hundredths": 433,
        "code_shown_permille": 1000,
        "certificates_shown_permille": 1000,
        "disturbed_permille": 333,
        "fees_asked_permille": 0,
    }
    await rated(world, 1)
    assert await seen() == third | {"count": 4}
    assert (await world.client.get(f"/v1/agencies/{FIRE}/evaluations", headers=head)).status_code == 403
    supervised = await world.client.get(path, headers=world.supervisor())
    assert supervised.json()["count"] == 4
    assert (await world.client.get(path, headers=world.supervisor("330803"))).status_code == 403


@pytest.mark.clause("QZ-12")
async def test_agency_finds_no_evaluation_anywhere(world: Any) -> None:
    """Neither trace nor ledger shows an agency that, or how, an enterprise evaluated it."""
    await rated(world, 1, remark="乱收费")
    trace = await world.client.get(f"/v1/enterprises/{SHOP}/entries", headers=world.officer("m1"))
    assert [line["kind"] for line in trace.json()["items"]] == ["inspection_finished", "entry_scanned"]
    await world.harness.service.sweep()
    for seq in range(1, 4):
        answer = await world.client.get(f"/v1/ledger/{seq}", headers=world.officer("m1"))
        assert (answer.status_code == 404) == (seq == 3)
        receipt = await world.client.get(f"/v1/ledger/{seq}/receipt", headers=world.officer("m1"))
        assert (receipt.status_code == 404) == (seq == 3)


def pixels(png: bytes) -> Any:
    """The grey values of a PNG of one bit per pixel, unfiltered or filtered Up (RFC 2083 §6)."""
    width, height = struct.unpack(">II", png[16:24])
    data, at = b"", 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        data += png[at + 8 : at + 8 + length] if png[at + 4 : at + 8] == b"IDAT" else b""
        at += 12 + length
    lines = np.frombuffer(zlib.decompress(data), np.uint8).reshape(height, -1)
    plain = np.zeros_like(lines[:, 1:])
    for row, line in enumerate(lines):
        plain[row] = line[1:] + (plain[row - 1] if line[0] == 2 else 0)
    return np.unpackbits(plain, axis=1)[:, :width] * np.uint8(255)


@pytest.mark.clause("YZ-01")
async def test_printed_code_reads_as_the_token(world: Any) -> None:
    """The PNG decodes to the enterprise's token, and the SVG is an SVG."""
    token = await world.enterprise_code()
    png = await world.client.get(f"/v1/enterprises/{SHOP}/code.png", headers=world.enterprise())
    found = zxingcpp.read_barcode(pixels(png.content))
    assert found is not None
    assert found.text == token
    svg = await world.client.get(f"/v1/enterprises/{SHOP}/code.svg", headers=world.enterprise())
    assert svg.headers["Content-Type"] == "image/svg+xml"
    assert svg.text.startswith("<svg")
    assert token == await world.enterprise_code()


@pytest.mark.clause("QZ-09")
async def test_anybody_checks_a_code(world: Any) -> None:
    """Without a login a code tells whether it is genuine, for whom, when, and where the visit stands."""
    visit, token = await world.approve()

    async def check(shown: str) -> Any:
        return (await world.client.post("/v1/public/code-checks", json={"token": shown})).json()

    found = await check(token)
    assert (found["genuine"], found["state"], found["officers"]) == (True, "open", 3)
    assert found["agencies"] == ["柯城区市场监督管理局", "柯城区消防救援大队"]
    assert (await check("nonsense"))["genuine"] is False
    assert (await check(world.action_token(visit, KeyRing.generate(world.now))))["state"] == "not_genuine"
    entered = (await world.knock(token)).json()
    assert (await check(token))["state"] == "entered"
    await world.finish(entered["entry_id"])
    assert (await check(token))["state"] == "finished"
    code = await world.enterprise_code()
    assert (await check(code))["state"] == "in_use"
    await world.client.post(f"/v1/enterprises/{SHOP}/code/reissue", headers=world.enterprise())
    assert (await check(code))["state"] == "replaced"
    cancelled, dead = await world.approve()
    await world.harness.deliver(
        VisitCancelled(visit_id=cancelled.visit_id, enterprise_id=SHOP, agencies=(MARKET,), reason="撤回", version=2)
    )
    assert (await check(dead))["state"] == "cancelled"


@pytest.mark.clause("QZ-11")
async def test_page_behind_a_code_stands_alone(world: Any) -> None:
    """The page shows who, what and when and the enterprise's rights, loads nothing, and escapes what it shows."""
    _, token = await world.approve(enterprise_name="<b>甲</b>公司")
    answer = await world.client.get("/v1/public/code", params={"token": token})
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    page = answer.text
    for words in ("&lt;b&gt;甲&lt;/b&gt;公司", "柯城区消防救援大队", "消防安全检查", "3人", "查验证件", "评价", "举报"):
        assert words in page
    assert not any(mark in page for mark in ("<b>甲", "http", "<script", "src="))
    answer = await world.client.get("/v1/public/code", params={"token": "<i>x"})
    assert "不是真码" in answer.text
    assert "<i>" not in answer.text
