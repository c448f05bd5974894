"""The gate a second time, at approval; preflight in bulk and within sight; exemptions counted."""

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import event

from wurao.common.auth import Role
from wurao.common.contracts.registry import ItemCancelled
from wurao.local.plugin import Storage
from wurao.scheduling.domain.exemptions import Counted, per_agency

Change = Callable[[Any], Any]


def cancelled(make: Any) -> ItemCancelled:
    """The random item is cancelled."""
    item = {"item_id": f"{make.MARKET}-random", "agency_id": make.MARKET, "reason": "长期未用"}
    return ItemCancelled.model_validate(item | {"cancelled_on": date(2026, 3, 1), "version": 2})


CHANGES: dict[str, Change] = {
    "item.cancelled": cancelled,
    "enterprise.deregistered": lambda make: make.enterprise(make.E1, status="deregistered", version=2),
    "draw.ground_untrue": lambda make: make.item(make.MARKET, "random", special_industry=False, version=2),
}


@pytest.mark.parametrize("code", sorted(CHANGES))
async def test_what_became_unlawful_is_not_approved(world: Any, make: Any, code: str) -> None:
    """What changed between task and approval is refused with the code that the gate would give a new task."""
    special = make.item(make.MARKET, "random", special_industry=True, version=2)
    async with world("quzhou", special) as w:
        await w.accepted(item_ids=[f"{make.MARKET}-random"])
        await w.merge()
        [visit] = await w.visits(state="proposed")
        change = CHANGES[code](make)
        await w.harness.deliver(change.model_copy(update={"version": 3}))
        head = w.who(Role.HEAD, visit["lead_agency_id"])
        answer = await w.post(f"/v1/visits/{visit['visit_id']}/approve", by=head)
        refused = {refusal["code"] for refusal in answer.json().get("refusals", [])}
        anew = await w.task(item_ids=[f"{make.MARKET}-random"])
        assert code in {refusal["code"] for refusal in anew.json()["refusals"]}
        assert code in refused or (await w.get(f"/v1/visits/{visit['visit_id']}", by=head))["state"] == "cancelled"


async def test_a_thousand_questions_cost_a_bounded_number_of_statements(world: Any, make: Any) -> None:
    """A batch of a thousand is answered in order, with as many statements as its chunks, not as its questions."""
    async with world("quzhou") as w:
        plan_id = await w.plan()
        bodies = [
            make.task_body(enterprise_id=make.E1 if number % 2 else f"unknown-{number}", plan_id=plan_id)
            for number in range(1_000)
        ]
        statements: list[str] = []
        engine = w.harness.service.db.engine.sync_engine

        def count(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            statements.append(statement)

        event.listen(engine, "before_cursor_execute", count)
        answer = await w.post("/v1/preflight", {"requests": bodies})
        event.remove(engine, "before_cursor_execute", count)
        verdicts = answer.json()["verdicts"]
        assert [verdict["permitted"] for verdict in verdicts] == [bool(number % 2) for number in range(1_000)]
        assert len(statements) < 60
        assert (await w.post("/v1/preflight", {"requests": [*bodies, bodies[0]]})).status_code == 422


async def test_who_watches_asks_within_his_area_only(world: Any, make: Any) -> None:
    """A platform of the county asks about its enterprises, not about its neighbour's."""
    async with world("quzhou") as w:
        by = w.who(Role.PLATFORM, None)
        mine = await w.post("/v1/preflight", {"requests": [make.task_body()]}, by=by)
        assert mine.status_code == 200
        other = await w.post("/v1/preflight", {"requests": [make.task_body(enterprise_id=make.FAR)]}, by=by)
        assert (other.status_code, other.json()["code"]) == (403, "other_area")


async def test_a_result_beside_a_request_never_lets_a_repeat_through(
    world: Any, make: Any, postgres_storage: Callable[[], Storage]
) -> None:
    """A like result arrives while the task is asked for: either the task is refused, or its visit is."""
    async with world("yongzhou", storage=postgres_storage()) as w:
        plan_id = await w.plan()
        body = make.task_body(item_ids=[f"{make.MARKET}-special"], plan_id=plan_id)
        results = [make.finished([f"{make.MARKET}-special"], agency_id=make.FIRE, entry_id=f"e{n}") for n in range(3)]
        answers = await asyncio.gather(
            *(w.post("/v1/tasks", body) for _ in range(6)), *(w.harness.deliver(result) for result in results)
        )
        asked = [answer for answer in answers if answer is not None]
        assert {answer.status_code for answer in asked} <= {201, 409}
        assert (await w.post("/v1/tasks", body)).json()["code"] == "recognition.like_result"
        await w.merge()
        for visit in await w.visits(state="proposed"):
            head = w.who(Role.HEAD, visit["lead_agency_id"])
            answer = await w.post(f"/v1/visits/{visit['visit_id']}/approve", by=head)
            assert "recognition.like_result" in {refusal["code"] for refusal in answer.json()["refusals"]}


def test_an_agency_stands_out_against_its_peers() -> None:
    """Twice the share of all others together, and no fewer than five; ids in order, nobody ranked."""
    counted = [
        Counted("a", "2026-03", None, 2),
        Counted("a", "2026-03", "complaint", 6),
        Counted("a", "2026-04", "special_campaign", 2),
        Counted("b", "2026-03", None, 18),
        Counted("b", "2026-03", "complaint", 2),
        Counted("c", "2026-04", None, 9),
        Counted("c", "2026-04", "complaint", 1),
    ]
    one, other, third = per_agency(counted)
    assert (one.agency_id, one.tasks, one.exempt, one.permille, one.peers_permille, one.stands_out) == (
        "a", 10, 8, 800, 100, True,
    )  # fmt: skip
    assert (one.by_ground, one.by_month) == ({"complaint": 6, "special_campaign": 2}, {"2026-03": 6, "2026-04": 2})
    assert not other.stands_out
    assert not third.stands_out
    assert not per_agency(counted[:3])[0].stands_out


@given(*[st.integers(0, 4_000)] * 4)
@example(own=3_995, others=9_993, exempt=5, theirs=7)
def test_twice_the_share_is_twice_to_the_last_task(own: int, others: int, exempt: int, theirs: int) -> None:
    """The mark goes by the exact shares, not by the rounded figures."""
    counted = [Counted("a", "2026-03", None, own), Counted("a", "2026-03", "complaint", exempt)]
    counted += [Counted("b", "2026-03", None, others), Counted("b", "2026-03", "complaint", theirs)]
    [one, _] = per_agency(counted)
    twice = exempt >= 5 and others + theirs > 0
    twice = twice and Fraction(exempt, own + exempt) > 2 * Fraction(theirs, others + theirs)
    assert one.stands_out is twice


async def test_an_exemption_counts_in_the_legal_month_in_which_it_was_claimed(
    world: Any, make: Any, storage: Storage
) -> None:
    """Half past midnight on 1 February in Shanghai is February, whatever the day in UTC and of the inspection."""
    async with world("quzhou", storage=storage) as w:
        await w.plan()
        w.harness.clock.set(datetime.fromisoformat("2026-02-01T00:30:00+08:00"))
        await w.accepted()
        by = w.who(Role.SUPERVISOR, None)
        [market] = (await w.get("/v1/exemptions?area=330802&since=2026-02-01&until=2026-02-28", by=by))["agencies"]
        assert market["by_month"] == {"2026-02": 1}
        assert (await w.get("/v1/exemptions?area=330802&since=2026-01-01&until=2026-01-31", by=by))["agencies"] == []


@pytest.mark.clause("YZ-07")
async def test_that_an_item_did_not_apply_is_no_result(world: Any, make: Any) -> None:
    """A later check that did not apply leaves the result that others recognise as it is."""
    item_id = f"{make.MARKET}-special"
    later = make.ItemResult(item_id=item_id, agency_id=make.MARKET, result="not_applicable")
    at = datetime(2026, 2, 20, 2, tzinfo=UTC)
    void = make.finished([], entry_id="entry-2", results=(later,), started_at=at, finished_at=at)
    async with world("yongzhou", make.finished([item_id]), void) as w:
        refused = await w.task()
        assert refused.json()["code"] == "recognition.like_result"
        assert "entry-1" in refused.json()["detail"]


async def test_exemptions_are_counted_for_those_who_watch(world: Any, make: Any) -> None:
    """By agency, ground and month; not for agencies, and not for other areas."""
    async with world("quzhou") as w:
        await w.accepted()
        await w.task(origin="triggered", ground="complaint", source_record="12345-1", enterprise_id=make.E2)
        query = "/v1/exemptions?area=330802&since=2025-12-01&until=2026-12-31"
        body = await w.get(query, by=w.who(Role.SUPERVISOR, None))
        [market] = body["agencies"]
        assert (market["agency_id"], market["tasks"], market["by_ground"]) == (
            make.MARKET, 2, {"complaint": 1, "special_industry": 1},
        )  # fmt: skip
        assert market["by_month"] == {"2026-01": 2}
        assert (await w.client.get(query, headers=w.who(Role.PLANNER))).status_code == 403
        other = query.replace("330802", "330803")
        assert (await w.client.get(other, headers=w.who(Role.SUPERVISOR, None))).status_code == 403
        turned = query.replace("2025-12-01", "2027-01-01")
        assert (await w.client.get(turned, headers=w.who(Role.SUPERVISOR, None))).json()["code"] == "period.reversed"
