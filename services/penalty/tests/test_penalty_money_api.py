"""Payments, surcharge, plans, disputes, measures and calculations over HTTP."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from wurao.common.auth import Role
from wurao.common.contracts.penalty import CoercionImposed, CoercionLifted, FinePaid, HeavyCaseFiled

AGENCY = "330802-market"
MakeDesk = Callable[..., Awaitable[Any]]


def codes(answer: Any) -> set[str]:
    """The refusal codes of a problem."""
    assert answer.status_code == 409, answer.text
    return {refusal["code"] for refusal in answer.json()["refusals"]}


@pytest.mark.clause("LX-06")
@pytest.mark.pack("linxia")
async def test_fines_are_paid_into_the_treasury_only(desk_in: MakeDesk) -> None:
    """An agency account, the agency itself and an overpayment are refused; the exact sum settles the case."""
    desk = await desk_in("linxia")
    case_id = await desk.fined()
    answer = await desk.pay(case_id, 600_000, "agency_account")
    assert codes(answer) == {"payment.not_treasury"}
    assert answer.json()["clause"] == "LX-06"
    body = {"fen": 600_000, "paid_on": "2026-01-05", "channel": "treasury_bank"}
    assert (await desk.post(f"cases/{case_id}/payments", desk.head(), body)).status_code == 403
    assert codes(await desk.pay(case_id, 600_001)) == {"payment.too_much"}
    elsewhere = desk.headers(Role.TREASURY, area="330803")
    assert (await desk.post(f"cases/{case_id}/payments", elsewhere, body)).status_code == 403
    answer = await desk.pay(case_id, 600_000)
    assert (answer.status_code, answer.json()["settled"]) == (201, True)
    event = await desk.harness.recorder.wait_for(FinePaid)
    assert (event.paid_fen, event.surcharge_fen, event.settled) == (600_000, 0, True)
    assert codes(await desk.pay(case_id, 1)) == {"case.wrong_step"}
    assert (await desk.get(f"cases/{case_id}", desk.party()))["state"] == "closed"


@pytest.mark.clause("PL-72")
async def test_late_payment_pays_principal_first_and_then_surcharge(desk: Any) -> None:
    """After ten late days 30 % is added; half the principal paid, the surcharge goes on with the other half."""
    case_id = await desk.fined(600_000)
    desk.advance(25)
    found = await desk.get(f"cases/{case_id}/balance", desk.treasury())
    assert (found["surcharge_fen"], found["surcharge_days"], found["owed_fen"]) == (180_000, 10, 780_000)
    answer = await desk.pay(case_id, 300_000)
    assert (answer.json()["principal_fen"], answer.json()["surcharge_fen"]) == (300_000, 0)
    desk.advance(2)
    found = await desk.get(f"cases/{case_id}/balance?on=2026-02-01", desk.treasury())
    assert (found["surcharge_fen"], found["owed_fen"]) == (198_000, 498_000)
    answer = await desk.pay(case_id, 498_000)
    assert (answer.json()["principal_fen"], answer.json()["surcharge_fen"]) == (300_000, 198_000)
    assert answer.json()["settled"] is True


@pytest.mark.clause("PL-72")
async def test_no_surcharge_during_review(desk: Any) -> None:
    """The days of a review, its first and last included, do not count; afterwards they do again."""
    case_id = await desk.fined(600_000)
    desk.advance(18)
    answer = await desk.post(f"cases/{case_id}/disputes", desk.head(), {"kind": "review", "from": "2026-01-23"})
    assert (answer.status_code, answer.json()["from"], answer.json()["to"]) == (201, "2026-01-23", None)
    desk.advance(30)
    assert (await desk.get(f"cases/{case_id}/balance", desk.party()))["surcharge_fen"] == 36_000
    path = f"cases/{case_id}/disputes/{answer.json()['dispute_id']}/end"
    assert (await desk.post(path, desk.head(), {"to": "2026-02-20"})).status_code == 200
    assert (await desk.post(path, desk.head(), {"to": "2026-02-20"})).status_code == 409
    found = await desk.get(f"cases/{case_id}/balance", desk.party())
    assert (found["surcharge_days"], found["surcharge_fen"]) == (4, 72_000)
    assert any("行政复议" in step for step in found["steps"])


DUE = "2026-01-20"
REVIEWED = {"from": "2026-01-22", "to": "2026-01-30", "reason": "行政复议"}
ALL_YEAR = {"from": "2026-01-01", "to": "2026-12-31"}
SURCHARGES: list[tuple[dict[str, Any], tuple[int, int, bool]]] = [
    ({"paid_on": DUE}, (0, 0, False)),
    ({"paid_on": "2026-01-21"}, (30, 1, False)),
    ({"paid_on": "2026-02-22"}, (998, 33, False)),
    ({"paid_on": "2026-02-23"}, (1009, 34, True)),
    ({"paid_on": "2030-01-01"}, (1009, 1442, True)),
    ({"paid_on": "2026-01-31", "deferred_to": "2026-01-31"}, (0, 0, False)),
    ({"paid_on": "2026-02-01", "deferred_to": "2026-01-31"}, (30, 1, False)),
    ({"paid_on": "2026-01-31", "pauses": [REVIEWED]}, (60, 2, False)),
    ({"paid_on": "2026-01-31", "pauses": [ALL_YEAR]}, (0, 0, False)),
]


@pytest.mark.clause("PL-72")
async def test_review_recorded_late_may_clear_the_surcharge(desk: Any) -> None:
    """Days of a review that was reported after the payment no longer count, and a debt so cleared is settled."""
    case_id = await desk.fined(600_000)
    desk.advance(18)
    assert (await desk.pay(case_id, 600_000)).json()["settled"] is False
    dispute = {"kind": "suit", "from": "2026-01-20", "to": "2026-01-23"}
    assert (await desk.post(f"cases/{case_id}/disputes", desk.head(), dispute)).status_code == 201
    assert (await desk.get(f"cases/{case_id}", desk.party()))["state"] == "closed"
    event = await desk.harness.recorder.wait_for(FinePaid, lambda paid: paid.settled)
    assert (event.paid_fen, event.surcharge_fen) == (0, 0)


@pytest.mark.clause("PL-72")
async def test_surcharge_table(desk: Any) -> None:
    """3 % a day of 1,009 fen due on 20 January, rounded down to the fen, capped at the fine."""
    for more, expected in SURCHARGES:
        answer = await desk.post("calculations/surcharge", desk.party(), {"fine_fen": 1009, "due_on": DUE, **more})
        found = answer.json()
        assert (found["surcharge_fen"], found["days"], found["capped"]) == expected, (more, found)
        assert bool(found["steps"]) == (more["paid_on"] > DUE)


PENALTY_LAW = "行政处罚法第八十五条"
TESTED = [{"from": "2026-01-10", "to": "2026-01-19", "reason": "鉴定"}]
DEADLINES: list[tuple[str, int, dict[str, Any], str, str]] = [
    ("2025-09-30", 7, {}, "2025-10-16", "working"),
    ("2025-09-26", 2, {}, "2025-09-29", "working"),
    ("2026-02-13", 5, {}, "2026-02-27", "working"),
    ("2026-02-13", 3, {}, "2026-02-25", "working"),
    ("2025-09-20", 15, {}, "2025-10-05", "calendar"),
    ("2025-09-20", 15, {"roll_to_workday": True}, "2025-10-09", "calendar"),
    ("2026-01-05", 90, {}, "2026-04-05", "calendar"),
    ("2026-01-05", 4, {}, "2026-01-09", "calendar"),
    ("2026-01-05", 10, {"article": "行政强制法第六十九条"}, "2026-01-19", "working"),
    ("2026-01-05", 15, {"pauses": TESTED}, "2026-01-30", "calendar"),
]


@pytest.mark.clause("PL-85")
async def test_deadline_table(desk: Any) -> None:
    """Two, three, five and seven days are working days over the holidays of the year; others are calendar days."""
    for start, days, more, due, unit in DEADLINES:
        body = {"start": start, "days": days, "article": PENALTY_LAW, **more}
        found = (await desk.post("calculations/deadline", desk.officer(), body)).json()
        assert (found["due"], found["unit"]) == (due, unit), (body, found)
        assert found["steps"][-1].endswith("24时届满")


@pytest.mark.clause("PL-85")
async def test_year_without_a_calendar_is_not_guessed(desk: Any) -> None:
    """A working-day period in a year whose holidays are not published is refused, not guessed."""
    body = {"start": "2027-03-01", "days": 5, "article": "行政处罚法第八十五条"}
    answer = await desk.post("calculations/deadline", desk.officer(), body)
    assert (answer.status_code, answer.json()["code"]) == (409, "calendar_unknown")


async def test_calculations_need_a_login(desk: Any) -> None:
    """Without a login nothing is calculated."""
    body = {"fine_fen": 1, "due_on": "2026-01-20", "paid_on": "2026-01-20"}
    assert (await desk.harness.client.post("/v1/calculations/surcharge", json=body)).status_code == 401


@pytest.mark.clause("YZ-16")
async def test_kept_instalments_cost_nothing(desk: Any) -> None:
    """Instalments add up exactly to the fine and replace the due day; while they are kept no surcharge runs."""
    case_id = await desk.fined(600_000)
    parts = [{"due": "2026-02-10", "fen": 200_000}, {"due": "2026-03-10", "fen": 399_999}]
    plan = {"instalments": parts, "reason": "经营困难，申请分期"}
    assert codes(await desk.post(f"cases/{case_id}/deferral", desk.head(), plan)) == {"plan.wrong_sum"}
    parts[1]["fen"] = 400_000
    answer = await desk.post(f"cases/{case_id}/deferral", desk.head(), plan)
    assert answer.status_code == 201, answer.text
    assert (await desk.get(f"cases/{case_id}", desk.party()))["pay_by"] == "2026-03-10"
    desk.advance(36)
    found = await desk.get(f"cases/{case_id}/balance", desk.party())
    assert (found["on"], found["surcharge_fen"], found["parts"]) == ("2026-02-10", 0, parts)
    assert (await desk.pay(case_id, 200_000)).status_code == 201
    desk.advance(28)
    assert (await desk.get(f"cases/{case_id}/balance", desk.party()))["surcharge_fen"] == 0
    desk.advance(2)
    found = await desk.get(f"cases/{case_id}/balance", desk.party())
    assert (found["on"], found["surcharge_fen"]) == ("2026-03-12", 24_000)


@pytest.mark.clause("YZ-16")
async def test_missed_instalment_costs_only_what_is_missed(desk: Any) -> None:
    """A missed part is late from the day after it was due; the parts still ahead are not."""
    case_id = await desk.fined(600_000)
    parts = [{"due": "2026-02-10", "fen": 200_000}, {"due": "2026-03-10", "fen": 400_000}]
    await desk.post(f"cases/{case_id}/deferral", desk.head(), {"instalments": parts, "reason": "经营困难"})
    found = await desk.get(f"cases/{case_id}/balance?on=2026-02-15", desk.party())
    assert (found["surcharge_fen"], found["surcharge_days"]) == (30_000, 5)


@pytest.mark.clause("YZ-16")
async def test_deferral_moves_the_due_day(desk: Any) -> None:
    """A deferral granted late keeps what has run and stops the rest until the new day is over."""
    case_id = await desk.fined(600_000)
    desk.advance(16)
    answer = await desk.post(f"cases/{case_id}/deferral", desk.head(), {"until": "2026-03-31", "reason": "受灾停产"})
    assert answer.status_code == 201, answer.text
    for day, fen in (("2026-01-21", 18_000), ("2026-03-31", 18_000), ("2026-04-01", 36_000)):
        assert (await desk.get(f"cases/{case_id}/balance?on={day}", desk.party()))["surcharge_fen"] == fen


@pytest.mark.clause("YZ-17")
@pytest.mark.pack("yongzhou")
async def test_measure_needs_a_reason_against_softer_means(desk_in: MakeDesk) -> None:
    """Without a reason why softer means fail a measure is refused; with it, it ends by the clock after 30 days."""
    desk = await desk_in("yongzhou")
    case_id = await desk.case("waste.storage_unlabelled")
    body = {"kind": "seal", "reason": "防止继续倾倒"}
    answer = await desk.post(f"cases/{case_id}/measures", desk.head(), body)
    assert codes(answer) == {"measure.no_reason_against_softer_means"}
    assert answer.json()["clause"] == "YZ-17"
    body["softer_means_fail"] = "两次责令停止均未停止"
    assert (await desk.post(f"cases/{case_id}/measures", desk.officer(), body)).status_code == 403
    answer = await desk.post(f"cases/{case_id}/measures", desk.head(), body)
    assert (answer.status_code, answer.json()["due"]) == (201, "2026-02-04")
    assert (await desk.harness.recorder.wait_for(CoercionImposed)).kind == "seal"
    desk.advance(30)
    assert (await desk.harness.service.sweep())["measures.expired"] == 0
    desk.advance(1)
    assert (await desk.harness.service.sweep())["measures.expired"] == 1
    assert (await desk.harness.service.sweep())["measures.expired"] == 0
    event = await desk.harness.recorder.wait_for(CoercionLifted)
    assert "届满" in event.reason
    path = f"measures/{answer.json()['measure_id']}/lift"
    assert (await desk.post(path, desk.head(), {"reason": "已处理"})).status_code == 409


@pytest.mark.clause("QZ-31")
@pytest.mark.pack("quzhou")
async def test_seizure_is_filed_as_heavy_where_the_pack_says_so(desk_in: MakeDesk) -> None:
    """Under Quzhou's pack a seizure alone makes the case heavy, once."""
    desk = await desk_in("quzhou")
    case_id = await desk.case("waste.storage_unlabelled")
    body = {"kind": "seize", "reason": "防止证据损毁", "softer_means_fail": "当事人拒不停止"}
    for _ in range(2):
        assert (await desk.post(f"cases/{case_id}/measures", desk.head(), body)).status_code == 201
    event = await desk.harness.recorder.wait_for(HeavyCaseFiled)
    assert event.grounds == ("seizure",)
    await desk.harness.recorder.wait_for(CoercionImposed, lambda imposed: imposed.case_id == case_id)
    assert len(desk.harness.recorder.of(HeavyCaseFiled)) == 1


@pytest.mark.clause("CX-10")
@pytest.mark.pack("cangxian")
async def test_no_coercion_list_blocks_a_measure(desk_in: MakeDesk) -> None:
    """Where an entry of the no-coercion list fits, a measure is refused with the entry's code."""
    desk = await desk_in("cangxian")
    case_id = await desk.case("waste.storage_unlabelled", "minor", "soft_means_suffice")
    body = {"kind": "seal", "reason": "防止扩散", "softer_means_fail": "担心再次发生"}
    answer = await desk.post(f"cases/{case_id}/measures", desk.head(), body)
    assert codes(answer) == {"measure.on_no_coercion_list"}
    assert "CX-N-2" in answer.json()["detail"]


BACKWARDS = [{"from": "2026-02-01", "to": "2026-01-31"}]
MALFORMED: list[tuple[str, dict[str, Any]]] = [
    ("deadline", {"start": "9999-12-31", "days": 5, "article": PENALTY_LAW}),
    ("deadline", {"start": DUE, "days": 0, "article": PENALTY_LAW}),
    ("deadline", {"start": DUE, "days": 10**30, "article": PENALTY_LAW}),
    ("deadline", {"start": DUE, "days": True, "article": PENALTY_LAW}),
    ("deadline", {"start": DUE, "days": 5, "article": "\u0000\u0000"}),
    ("surcharge", {"fine_fen": -1, "due_on": DUE, "paid_on": DUE}),
    ("surcharge", {"fine_fen": 1.5, "due_on": DUE, "paid_on": DUE}),
    ("surcharge", {"fine_fen": 1, "due_on": DUE, "paid_on": DUE, "pauses": BACKWARDS}),
]


async def test_malformed_calculation_is_refused(desk: Any) -> None:
    """What cannot be calculated answers 422."""
    for path, body in MALFORMED:
        answer = await desk.post(f"calculations/{path}", desk.party(), body)
        assert answer.status_code == 422, (body, answer.text)
