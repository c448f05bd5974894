"""Changes of visits over HTTP: at once or after approval, their history, revoked codes, and races on both databases."""

import asyncio
from typing import Any

import pytest

from wurao.common.auth import Role
from wurao.common.contracts.registry import ItemCancelled
from wurao.common.contracts.scheduling import VisitApproved, VisitCancelled, VisitRescheduled
from wurao.local.plugin import Storage


def ask(visit: dict[str, Any], verb: str) -> str:
    """The path of a change."""
    return f"/v1/visits/{visit['visit_id']}/{verb}"


@pytest.mark.clause("LX-01")
async def test_change_of_an_approved_visit_waits_and_is_approved_by_another(world: Any) -> None:
    """Until another head approves, code and day stay; a second change must wait; the proposer is refused."""
    async with world("linxia") as w:
        visit = await w.approved()
        day = "2026-03-27" if visit["day"] != "2026-03-27" else "2026-03-26"
        first, second = w.who(Role.HEAD), w.who(Role.HEAD, subject="second")
        body = {"date": day, "reason": "企业停产检修"}
        asked = await w.post(ask(visit, "reschedule"), body, by=first)
        assert (asked.status_code, asked.json()["code"], asked.json()["day"]) == (202, visit["code"], visit["day"])
        change = asked.json()["pending_change"]
        again = await w.post(ask(visit, "prolong"), {"minutes": 90, "reason": "事项较多"}, by=second)
        assert (again.status_code, again.json()["code"]) == (409, "visit.change_awaits")
        approval = ask(visit, f"changes/{change['change_id']}/approve")
        refused = await w.post(approval, by=first)
        assert (refused.status_code, refused.json()["clause"]) == (403, "LX-01")
        assert w.harness.recorder.of(VisitRescheduled) == []
        done = (await w.post(approval, by=second)).json()
        assert (done["day"], done["pending_change"]) == (day, None)
        assert (await w.post(approval, by=second)).json()["code"] == "visit.change_decided"
        kept = (await w.get(ask(visit, "history")))["items"]
        assert [one["kind"] for one in kept] == ["approve", "reschedule"]
        assert (kept[1]["proposed_by"], kept[1]["decided_by"]) == ("head-330802-market", "second")
        assert kept[1]["old"]["code_id"] == visit["code"]["code_id"]
        assert kept[1]["new"]["opens"].startswith(day)
        revoked = (await w.client.get("/v1/public/revoked-codes")).json()["items"]
        assert [one["code_id"] for one in revoked] == [visit["code"]["code_id"]]


async def test_refused_and_withdrawn_changes_leave_the_visit_alone(world: Any) -> None:
    """A refusal keeps its reason; only the proposer takes his change back; both leave the code."""
    async with world("quzhou") as w:
        visit = await w.approved()
        states = []
        for verb, by, status in (
            ("refuse", w.who(Role.HEAD), 200),
            ("withdraw", w.who(Role.HEAD), 409),
            ("withdraw", w.who(Role.PLANNER), 200),
        ):
            asked = await w.post(ask(visit, "prolong"), {"minutes": 90, "reason": "事项较多"})
            if asked.status_code == 202:
                change = asked.json()["pending_change"]["change_id"]
            answer = await w.post(ask(visit, f"changes/{change}/{verb}"), {"reason": "不必延长"}, by=by)
            assert answer.status_code == status
            states.append((await w.get(ask(visit, "history")))["items"][-1]["state"])
        assert states == ["refused", "awaiting", "withdrawn"]
        now = await w.get(f"/v1/visits/{visit['visit_id']}")
        assert (now["code"], now["minutes"], now["version"]) == (visit["code"], visit["minutes"], visit["version"])


async def test_head_who_had_no_part_in_a_visit_cancels_it_alone(world: Any) -> None:
    """He is the second person already; the one who approved it needs another."""
    async with world("quzhou") as w:
        visit = await w.approved()
        asked = await w.post(ask(visit, "cancel"), {"reason": "企业停业"}, by=w.who(Role.HEAD))
        assert (asked.status_code, asked.json()["state"]) == (202, "approved")
        done = await w.post(ask(visit, "cancel"), {"reason": "企业停业"}, by=w.who(Role.HEAD, subject="second"))
        assert (done.status_code, done.json()["state"], done.json()["pending_change"]) == (200, "cancelled", None)
        states = [(one["kind"], one["state"]) for one in (await w.get(ask(visit, "history")))["items"]]
        assert ("cancel", "overtaken") in states
        assert ("cancel", "applied") in states
        await w.harness.recorder.wait_for(VisitCancelled)


async def test_prolonging_has_its_limits(world: Any) -> None:
    """Not shorter, not beyond the day, not beyond the pack's minutes; a body with neither is malformed."""
    async with world("quzhou") as w:
        visit = await w.approved()
        day, path = visit["day"], ask(visit, "prolong")
        for body, code in (
            ({"minutes": 30}, "visit.not_longer"),
            ({"minutes": 1_400}, "visit.too_long"),
            ({"until": f"{day}T18:00:00+08:00"}, "visit.not_longer"),
            ({"until": "2026-12-01T10:00:00+08:00"}, "visit.beyond_the_day"),
        ):
            refused = await w.post(path, body | {"reason": "事项较多"})
            assert (refused.status_code, refused.json()["code"]) == (409, code), body
            assert refused.json()["refusals"][0]["alternatives"]
        assert (await w.post(path, {"reason": "事项较多"})).status_code == 422
        longer = await w.changed(visit, "prolong", {"until": f"{day}T21:00:00+08:00", "reason": "事项较多"})
        assert longer["window"]["closes"] != visit["window"]["closes"]
        event = await w.harness.recorder.wait_for(VisitRescheduled)
        assert event.window.closes.isoformat() != visit["window"]["closes"]


@pytest.mark.clause("LX-01")
async def test_two_accounts_of_one_officer_are_one_person(world: Any) -> None:
    """Who wanted a task by one account does not approve its visit by another."""
    async with world("linxia") as w:

        def account(role: Role, subject: str) -> dict[str, str]:
            found: dict[str, str] = w.harness.headers(
                role, subject=subject, agency_id="330802-market", area="330802", officer_id="330802-market-o1"
            )
            return found

        plan_id = await w.plan()
        body = {
            "agency_id": "330802-market",
            "enterprise_id": "91330802MA28F00011",
            "item_ids": ["330802-market-special"],
            "earliest": "2026-03-02",
            "latest": "2026-03-31",
            "origin": "plan",
            "ground": "special_industry",
            "plan_id": plan_id,
        }
        made = await w.post("/v1/tasks", body, by=account(Role.PLANNER, "desk"))
        assert made.status_code == 201, made.text
        await w.merge()
        [visit] = await w.visits()
        refused = await w.post(ask(visit, "approve"), by=account(Role.HEAD, "office"))
        assert (refused.status_code, refused.json()["code"]) == (403, "visit.self_approval")
        assert (await w.post(ask(visit, "approve"), by=w.who(Role.HEAD))).status_code == 200


@pytest.mark.clause("QZ-09")
async def test_two_approvals_at_once_give_one_code(world: Any, storage: Storage) -> None:
    """Of ten approvals of one visit at once exactly one passes, and one code is told of."""
    async with world("quzhou", storage=storage) as w:
        await w.accepted()
        await w.merge()
        [visit] = await w.visits()
        heads = [w.who(Role.HEAD, subject=f"head-{number}") for number in range(10)]
        answers = await asyncio.gather(*(w.post(ask(visit, "approve"), by=by) for by in heads))
        assert sorted(answer.status_code for answer in answers) == [200] + [409] * 9
        event = await w.harness.recorder.wait_for(VisitApproved)
        [one] = [answer.json() for answer in answers if answer.status_code == 200]
        assert one["code"]["code_id"] == event.code_id
        assert len(w.harness.recorder.of(VisitApproved)) == 1


async def test_reschedule_against_approval_leaves_a_code_for_the_day_that_stands(world: Any, storage: Storage) -> None:
    """Whichever comes first, the code that is good says the day of the visit."""
    async with world("quzhou", storage=storage) as w:
        await w.accepted()
        await w.merge()
        [visit] = await w.visits()
        day = "2026-03-27" if visit["day"] != "2026-03-27" else "2026-03-26"
        approved, moved = await asyncio.gather(
            w.post(ask(visit, "approve"), by=w.who(Role.HEAD)),
            w.post(ask(visit, "reschedule"), {"date": day, "reason": "企业停产检修"}),
        )
        assert approved.status_code == 200
        assert moved.status_code in (200, 202)
        now = await w.get(f"/v1/visits/{visit['visit_id']}")
        assert (now["day"], now["pending_change"] is None) in ((day, True), (visit["day"], False))
        event = await w.harness.recorder.wait_for(VisitApproved)
        assert event.code_id == now["code"]["code_id"]
        assert event.window.closes.date().isoformat() == now["day"]


async def test_two_changes_at_once_leave_one_waiting(world: Any, storage: Storage) -> None:
    """Of eight changes of one approved visit at once one waits, the others are told so."""
    async with world("quzhou", storage=storage) as w:
        visit = await w.approved()
        body = {"minutes": 90, "reason": "事项较多"}
        answers = await asyncio.gather(*(w.post(ask(visit, "prolong"), body) for _ in range(8)))
        assert sorted(answer.status_code for answer in answers) == [202] + [409] * 7
        change = next(a.json()["pending_change"]["change_id"] for a in answers if a.status_code == 202)
        heads = [w.who(Role.HEAD, subject=f"head-{number}") for number in range(4)]
        path = ask(visit, f"changes/{change}/approve")
        decided = await asyncio.gather(*(w.post(path, by=by) for by in heads))
        assert sorted(answer.status_code for answer in decided) == [200] + [409] * 3
        await w.harness.recorder.wait_for(VisitRescheduled)
        assert len(w.harness.recorder.of(VisitRescheduled)) == 1


async def test_two_visits_never_come_to_one_enterprise_on_one_day(world: Any, make: Any, storage: Storage) -> None:
    """Two visits to one enterprise, moved to one day at once: one is there, the other stays where it was."""
    async with world("quzhou", storage=storage) as w:
        await w.approved()
        await w.accepted(agency_id=make.FIRE)
        await w.merge()
        both = await w.visits(enterprise_id=make.E1)
        day = next(f"2026-03-{n}" for n in (23, 24, 25) if f"2026-03-{n}" not in {one["day"] for one in both})
        proposed = next(one for one in both if one["state"] == "proposed")
        approved = next(one for one in both if one["state"] == "approved")
        asked = await w.post(ask(approved, "reschedule"), {"date": day, "reason": "企业停产检修"})
        change = asked.json()["pending_change"]["change_id"]
        answers = await asyncio.gather(
            w.post(ask(approved, f"changes/{change}/approve"), by=w.who(Role.HEAD)),
            w.post(
                ask(proposed, "reschedule"),
                {"date": day, "reason": "企业停产检修"},
                by=w.who(Role.PLANNER, proposed["lead_agency_id"]),
            ),
        )
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        days = [one["day"] for one in await w.visits(enterprise_id=make.E1)]
        assert sorted(days).count(day) == 1


async def test_what_became_unlawful_is_not_moved(world: Any, make: Any) -> None:
    """No new code for an item that was cancelled since the visit was approved."""
    async with world("quzhou") as w:
        visit = await w.approved()
        day = "2026-03-27" if visit["day"] != "2026-03-27" else "2026-03-26"
        gone = {"item_id": f"{make.MARKET}-special", "agency_id": make.MARKET, "reason": "长期未用", "version": 5}
        await w.harness.deliver(ItemCancelled.model_validate(gone | {"cancelled_on": "2026-02-01"}))
        answer = await w.post(ask(visit, "reschedule"), {"date": day, "reason": "企业停产检修"})
        assert (answer.status_code, answer.json()["code"]) == (409, "item.cancelled")
