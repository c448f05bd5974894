"""What the tests do beside the demo's verbs: visits got ready, doors, cases, streams; all over HTTP and the bus."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from wurao.common.bus import MemoryBus
from wurao.common.testing import Recorder
from wurao.embedded.demo import visiting
from wurao.embedded.demo.client import Answer, Caller, until
from wurao.embedded.demo.command import START
from wurao.embedded.demo.county import County, Row, task
from wurao.embedded.demo.stage import Stage
from wurao.embedded.demo.summary import Quarter
from wurao.embedded.platform import Platform

Refusals = dict[str, dict[str, Any]]
UNSEEN = {"unknown", "not_genuine"}


def stage_of(county: County) -> Stage:
    """The stage on which the demo's verbs play, at the bench's first instant."""
    return Stage(county, Quarter(pack=county.pack, area=county.area, ended_at=START), START)


def refusals(answer: Answer) -> Refusals:
    """The refusals of a gate by code; each names clause, citation and what would be lawful."""
    assert answer.refused, (answer.status, answer.body)
    found = {refusal["code"]: dict(refusal) for refusal in answer.body["refusals"]}
    assert all(refusal["clause"] and refusal["cite"] and refusal["alternatives"] for refusal in found.values()), found
    return found


@asynccontextmanager
async def stream(platform: Platform, topic: str) -> AsyncIterator[Recorder]:
    """What a consumer of one topic alone receives."""
    recorder, group, bus = Recorder(), f"only-{topic}", platform.bus
    assert isinstance(bus, MemoryBus)
    following = asyncio.create_task(recorder.follow(await bus.subscribe(group, [topic])))
    try:
        yield recorder
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        bus.forget(group)


def fittings(county: County, line: str) -> Iterator[tuple[Row, Row]]:
    """Enterprises, each once, with an item of an agency that is looked at on site in their industry."""
    items = county.items_of(county.agency(line), lambda row: row["method"] == "on_site")
    for enterprise in county.table("enterprises"):
        for item in items:
            if enterprise["industry"].startswith(tuple(item["industries"].split(";"))):
                yield enterprise, item
                break


async def visits_of(county: County, enterprise_id: str, **query: str) -> list[dict[str, Any]]:
    """The visits to an enterprise, as the supervision body sees them."""
    supervisor = await county.supervisor()
    return await supervisor.pages("scheduling", "/v1/visits", enterprise_id=enterprise_id, **query)


async def approved_visit(
    county: County,
    line: str = "market",
    *,
    days: tuple[str, str] = ("2026-01-05", "2026-01-16"),
    target: tuple[Row, Row] | None = None,
) -> dict[str, Any]:
    """A visit on a complaint: task, merge, approval, and its code known at the door."""
    agency_id = county.agency(line)
    found, item = target or next(fittings(county, line))
    planner, head = await county.planner(agency_id), await county.head(agency_id)
    earliest, latest = days
    wanted = task(
        agency_id,
        found["enterprise_id"],
        [item["item_id"]],
        earliest=earliest,
        latest=latest,
        origin="triggered",
        ground="complaint",
        source_record="12345工单20251222-0031",
        reason="须现场核实举报内容",
    )
    await planner.post("scheduling", "/v1/tasks", wanted)
    await merged(county, planner, days)
    [proposed] = await visits_of(county, found["enterprise_id"], state="proposed")
    visit: dict[str, Any] = await head.post("scheduling", f"/v1/visits/{proposed['visit_id']}/approve")
    await known_at_the_door(county, visit["code"]["token"])
    return visit


async def merged(county: County, planner: Caller, days: tuple[str, str]) -> dict[str, Any]:
    """The result of merging the county's open tasks between two days."""
    body = {"area": county.area, "from": days[0], "to": days[1]}
    job = await planner.post("scheduling", "/v1/merges", body)
    return await county.job_done(planner, "scheduling", job["job_id"])


async def known_at_the_door(county: County, token: str) -> None:
    """Wait until check-in has heard of an action code's visit."""

    async def seen() -> bool:
        check = await county.callers.public.post("checkin", "/v1/public/code-checks", {"token": token})
        return check["state"] not in UNSEEN

    await until("the visit's code reaches the door", seen)


async def knock(stage: Stage, visit: dict[str, Any], **change: Any) -> Answer:
    """What the door answers the visit's first officer; `change` departs from what is right."""
    caller = await visiting.caller_of(stage, visit)
    body = await visiting.door_body(stage, visit) | change
    return await caller.send("POST", "checkin", "/v1/entries", json=body)


async def enter_on_a_ground(
    stage: Stage, line: str, ground: str, target: tuple[Row, Row], *, officers: int = 2, **more: Any
) -> Answer:
    """What the door answers officers who have no approved visit."""
    county, (enterprise, item) = stage.county, target
    agency_id = county.agency(line)
    going = [row["officer_id"] for row in county.officers_of(agency_id)[:officers]]
    body = {
        "enterprise_id": enterprise["enterprise_id"],
        "officer_ids": going,
        "ground": ground,
        "source_record": "值班记录2026-0003",
        "item_ids": [item["item_id"]],
    }
    caller = await county.officer(going[0], agency_id)
    return await caller.send("POST", "checkin", "/v1/entries/exception", json=body | more)


async def emergency_entry(stage: Stage, target: tuple[Row, Row]) -> dict[str, Any]:
    """An entry on an emergency, carried out and finished, that nobody has filed yet."""
    entered = await enter_on_a_ground(stage, "market", "emergency", target)
    assert entered.status == 201, entered.body
    agency_id = stage.county.agency("market")
    officers = [row | {"agency_id": agency_id} for row in stage.county.officers_of(agency_id)[:2]]
    await visiting.finish(stage, {"officers": officers}, entered.body, None)
    caller = await stage.county.officer(officers[0]["officer_id"], agency_id)
    return dict(await caller.get("checkin", f"/v1/entries/{entered.body['entry_id']}"))


async def make_up(stage: Stage, entry: dict[str, Any]) -> dict[str, Any]:
    """File afterwards what could not wait."""
    planner = await stage.county.planner(entry["agencies"][0])
    body = {
        "enterprise_id": entry["enterprise_id"],
        "agency_id": entry["agencies"][0],
        "ground": entry["ground"],
        "source_record": entry["source_record"],
        "officer_ids": [officer["officer_id"] for officer in entry["officers"]],
        "item_ids": [item["item_id"] for item in entry["items"]],
        "began_at": entry["started_at"],
        "ended_at": entry["finished_at"],
        "entry_id": entry["entry_id"],
    }
    return dict(await planner.post("scheduling", "/v1/filings", body))


async def visited(stage: Stage, visit: dict[str, Any], finding: tuple[str, tuple[str, ...]] | None = None) -> Any:
    """The entry of a visit carried out from scan to signed end; what its finish answered beside its id."""
    entry = await visiting.enter(stage, visit)
    await visiting.finish(stage, visit, entry, finding)
    return stage.entries[-1]


async def trace(county: County, enterprise_id: str) -> list[dict[str, Any]]:
    """An enterprise's own trace, the oldest line first."""
    caller = await county.enterprise(enterprise_id)
    return (await caller.pages("checkin", f"/v1/enterprises/{enterprise_id}/entries"))[::-1]


def kinds(lines: Sequence[dict[str, Any]]) -> list[str]:
    """What the lines of a trace are about."""
    return [line["kind"] for line in lines]
