"""Plans, draws, tasks and visits over HTTP, as the tests of registry and scheduling play them."""

from typing import Any

from tests.conformance import acts

from wurao.common.contracts.scheduling import InspectionRefused
from wurao.common.testing import Recorder
from wurao.embedded.demo import approving
from wurao.embedded.demo.client import Answer, Caller, until
from wurao.embedded.demo.county import County, Row, at, commitment, plan, task

Json = dict[str, Any]

YEAR = ("2026-01-05", "2026-12-31")
# "Within seconds", on a machine that runs other tests as well.
SECONDS = 10.0
SECRETS = ("the-agency-s-own-secret", "the-supervisor-s-secret")


async def rule(county: County, name: str) -> Any:
    """The value of a parameter of the pack in force, as anyone may read it."""
    query = {"area": county.area, "on": "2026-01-05"}
    found = await county.callers.public.get("registry", "/v1/packs/effective", params=query)
    return next(one["value"] for one in found if one["name"] == name)


def item(county: County, agency_id: str, **wanted: str) -> str:
    """An agency's first on-site item with these cells, such as special_industry="true"."""
    return items(county, agency_id, **wanted)[0]


def items(county: County, agency_id: str, **wanted: str) -> list[str]:
    """An agency's on-site items with these cells."""
    cells = {"method": "on_site"} | wanted
    return [row["item_id"] for row in county.items_of(agency_id, lambda row: cells.items() <= row.items())]


def enterprises(county: County, count: int) -> list[str]:
    """The first enterprises of the sample."""
    return [row["enterprise_id"] for row in county.table("enterprises")[:count]]


async def refused(caller: Caller, path: str, body: Any = None, *, service: str = "scheduling") -> acts.Refusals:
    """The refusals, by code, of a POST that a gate must refuse."""
    return acts.refusals(await caller.send("POST", service, path, json=body))


async def evidence(events: Recorder, agency_id: str, count: int) -> list[InspectionRefused]:
    """What an agency was refused, kept as events; waits until there are so many."""

    async def arrived() -> list[InspectionRefused] | None:
        found = [event for event in events.of(InspectionRefused) if event.agency_id == agency_id]
        return found if len(found) >= count else None

    return await until("refusals are kept as evidence", arrived, seconds=SECONDS)


async def draft(county: County, agency_id: str, item_ids: list[str], **more: Any) -> Json:
    """A plan for the whole of 2026, entered and no more."""
    body = plan(agency_id, "2026年涉企检查计划", item_ids, **{"period_to": "2026-12-31"} | more)
    made: Json = await (await county.planner(agency_id)).post("scheduling", "/v1/plans", body)
    return made


async def approved(county: County, made: Json) -> Json:
    """A draft taken through the approvals that the pack wants."""
    return await approving.approve(county, made["plan_id"], made["agency_id"])


async def filed(county: County, made: Json) -> Json:
    """An approved plan filed with the office that the pack names."""
    planner = await county.planner(made["agency_id"])
    return dict(await planner.post("scheduling", f"/v1/plans/{made['plan_id']}/file"))


async def published(county: County, agency_id: str, item_ids: list[str], **more: Any) -> Json:
    """A plan entered, approved and published."""
    made = await approved(county, await draft(county, agency_id, item_ids, **more))
    planner = await county.planner(agency_id)
    return dict(await planner.post("scheduling", f"/v1/plans/{made['plan_id']}/publish"))


def planned(made: Json, enterprise_id: str, **more: Any) -> Json:
    """A task from a plan for its first item, at an enterprise that is not drawn but of a special industry."""
    body = {"origin": "plan", "plan_id": made["plan_id"], "ground": "special_industry"} | more
    agency_id, item_ids = body.pop("agency_id", made["agency_id"]), body.pop("item_ids", made["item_ids"][:1])
    return task(agency_id, enterprise_id, item_ids, **body)


async def tasked(county: County, body: Json) -> Json:
    """A task that the gate permits."""
    made: Json = await (await county.planner(body["agency_id"])).post("scheduling", "/v1/tasks", body)
    return made


async def tasks(county: County, **filters: str) -> list[Json]:
    """The county's tasks, as the supervision body sees them."""
    return await (await county.supervisor()).pages("scheduling", "/v1/tasks", **filters)


async def merged(county: County) -> Json:
    """The year's open tasks merged into proposed visits; the job's result."""
    return await acts.merged(county, await county.conference(), YEAR)


async def proposed_visit(county: County, body: Json) -> Json:
    """The proposed visit that serves one new task."""
    made = await tasked(county, body)
    await merged(county)
    supervisor = await county.supervisor()
    scheduled = await supervisor.get("scheduling", f"/v1/tasks/{made['task_id']}")
    visit: Json = await supervisor.get("scheduling", f"/v1/visits/{scheduled['visit_id']}")
    return visit


async def approved_visit(county: County, body: Json) -> Json:
    """The visit that serves one new task, approved, its code known at the door."""
    visit = await proposed_visit(county, body)
    head = await county.head(visit["lead_agency_id"])
    answer: Json = await head.post("scheduling", f"/v1/visits/{visit['visit_id']}/approve")
    await acts.known_at_the_door(county, answer["code"]["token"])
    return answer


async def changed(county: County, visit: Json, verb: str, body: Json) -> Json:
    """An approved visit after a change that its planner proposed and its head approved."""
    path, lead = f"/v1/visits/{visit['visit_id']}", visit["lead_agency_id"]
    asked = await (await county.planner(lead)).post("scheduling", f"{path}/{verb}", body)
    approval = f"{path}/changes/{asked['pending_change']['change_id']}/approve"
    answer: Json = await (await county.head(lead)).post("scheduling", approval)
    return answer


def names(visit: Json) -> set[str]:
    """The officers of a visit."""
    return {officer["officer_id"] for officer in visit["officers"]}


def drawing(made: Json, item_ids: list[str]) -> Json:
    """The body of a draw under a plan, with the agency's commitment."""
    return {
        "plan_id": made["plan_id"],
        "item_ids": item_ids,
        "earliest": "2026-01-05",
        "latest": "2026-03-20",
        "commitment": commitment(SECRETS[0]),
    }


async def ratios(county: County, made: Json, item_ids: list[str], levels: set[str]) -> dict[str, int]:
    """The permille at which each level is drawn, from a frozen pool; waits until scheduling has heard of all grades."""
    planner = await county.planner(made["agency_id"])

    async def frozen() -> dict[str, int] | None:
        draw = await planner.post("scheduling", "/v1/draws", drawing(made, item_ids))
        found = {one["stratum"].split("@")[0]: one["permille"] for one in draw["strata"]}
        return found if levels <= found.keys() and "ungraded" not in found else None

    return await until("scheduling knows every grade", frozen, seconds=SECONDS)


async def held_draw(county: County, made: Json, item_ids: list[str]) -> Json:
    """A draw frozen, committed to and revealed by agency and supervision body; its public proof."""
    planner, supervisor = await county.planner(made["agency_id"]), await county.supervisor()
    frozen = await planner.post("scheduling", "/v1/draws", drawing(made, item_ids))
    path = f"/v1/draws/{frozen['draw_id']}"
    await supervisor.post("scheduling", f"{path}/commitments", {"commitment": commitment(SECRETS[1])})
    for party, secret in zip((planner, supervisor), SECRETS, strict=True):
        await party.post("scheduling", f"{path}/reveals", {"secret": secret})
    return await proof_of(county, frozen["draw_id"])


async def proof_of(county: County, draw_id: str) -> Json:
    """The public proof of a draw; waits until it is held."""

    async def held() -> Json | None:
        proof: Json = await county.callers.public.get("scheduling", f"/v1/public/draws/{draw_id}")
        return proof if proof["state"] == "held" else None

    return await until("the draw is held", held, seconds=SECONDS)


def filing(county: County, agency_id: str, enterprise_id: str, item_id: str, **more: Any) -> Json:
    """The body of a filing on an emergency that begins when the sandbox does, by two of the agency's officers."""
    return {
        "enterprise_id": enterprise_id,
        "agency_id": agency_id,
        "ground": "emergency",
        "source_record": "应急值班记录2025-1222",
        "officer_ids": [row["officer_id"] for row in county.officers_of(agency_id)[:2]],
        "item_ids": [item_id],
        "began_at": at("2025-12-22", "09:00").isoformat(),
        **more,
    }


async def grade(county: County, enterprise_id: str) -> Json:
    """An enterprise's grade, explained, as the enterprise itself reads it."""
    caller = await county.enterprise(enterprise_id)
    found: Json = await caller.get("registry", f"/v1/enterprises/{enterprise_id}/grade")
    return found


async def of_grade(county: County, level: str, count: int = 1) -> list[str]:
    """Enterprises of the sample that stand at a level, `count` at most."""
    found: list[str] = []
    for row in county.table("enterprises"):
        if len(found) < count and (await grade(county, row["enterprise_id"]))["grade"] == level:
            found.append(row["enterprise_id"])
    return found


async def recorded(county: County, enterprise_id: str, indicator: str, value: int) -> None:
    """A fact about an enterprise; it is graded anew at once."""
    fact = {"indicator": indicator, "value": value, "source": "信用平台", "occurred_on": "2025-12-20"}
    path = f"/v1/enterprises/{enterprise_id}/facts"
    await (await county.platform()).post("registry", path, fact | {"evidence": "信用信息记录2025-1220"})


async def imported(county: County, name: str, *rows: Row) -> Answer:
    """What the registry answers to rows of an import file, whose cells hold no commas: its report, or a problem."""
    lines = [",".join(rows[0]), *(",".join(row.values()) for row in rows)]
    platform, headers = await county.platform(), {"Content-Type": "text/csv"}
    path = f"/v1/{name}/import?mode=good"
    return await platform.send("POST", "registry", path, content="\n".join(lines).encode(), headers=headers)


async def neighbour(county: County, like: str, code: str, name: str) -> str:
    """The counterpart of an agency in a county next door, with officers, items and a published list."""
    agency_id = f"{code}-{like.partition('-')[2]}"
    parent = next(row for row in county.table("areas") if row["level"] == "prefecture")
    region = {"code": code, "name": name, "level": "county", "parent": parent["code"]}
    [agency] = [row for row in county.table("agencies") if row["agency_id"] == like]
    officers = [
        row | {"officer_id": f"{agency_id}-o{n}", "agency_id": agency_id, "certificate_no": f"{code}9{n:04}"}
        for n, row in enumerate(county.officers_of(like)[:3])
    ]
    items = [
        row | {"item_id": row["item_id"].replace(like, agency_id), "agency_id": agency_id}
        for row in county.items_of(like)
    ]
    own = {"agency_id": agency_id, "name": f"{name}{agency['name']}", "area": code}
    loads: tuple[tuple[str, list[Row]], ...] = (
        ("areas", [region]),
        ("agencies", [agency | own]),
        ("officers", officers),
        ("items", items),
    )
    for name, rows in loads:
        answer = await imported(county, name, *rows)
        assert answer.status == 200, answer.body
        assert answer.body["rejected"] == 0, answer.body
    await (await county.platform()).post("registry", f"/v1/agencies/{agency_id}/publish")
    await county.publish_items(agency_id)
    return agency_id


async def approved_outside(county: County, superior: str, agency_id: str, enterprise_id: str, number: str) -> Json:
    """The head of a superior agency lets another inspect an enterprise outside its area."""
    body = {"number": number, "agency_id": agency_id, "enterprise_id": enterprise_id, "until": "2026-10-31"}
    head = await county.head(superior)
    given: Json = await head.post("scheduling", "/v1/area-approvals", body | {"reason": "线索指向异地"})
    return given
