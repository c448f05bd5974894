"""Takes a plan through whatever approvals the pack in force wants of it."""

from datetime import datetime
from typing import Any

from wurao.common.clock import SHANGHAI
from wurao.embedded.demo.client import Caller
from wurao.embedded.demo.county import County

Json = dict[str, Any]


async def approve(county: County, plan_id: str, agency_id: str) -> Json:
    """Pass every approval that a plan waits for, each by whom it behoves; the plan as it stands then."""
    head = await county.head(agency_id)
    path = f"/v1/plans/{plan_id}"
    while (step := (await head.get("scheduling", path))["awaiting"]) is not None:
        await pass_step(county, plan_id, agency_id, step)
    return dict(await head.get("scheduling", path))


async def pass_step(county: County, plan_id: str, agency_id: str, step: str) -> None:
    """Pass one approval."""
    path = f"/v1/plans/{plan_id}"
    if step == "conference":
        await resolve(county, await met(county, agency_id), "审定检查计划", plan_ids=[plan_id])
        return
    caller, deed, body = {
        "unit_leader": (await unit_leader(county, agency_id), "steps", {"step": step}),
        "legal_review": (await county.reviewer(agency_id), "steps", {"step": step}),
        "collective_discussion": (
            await county.head(agency_id),
            "steps",
            {"step": step, "document": "集体讨论记录〔2025〕7号", "attendees": ["局长", "分管副局长"]},
        ),
        "government_approval": (await county.conference(), "approve", {"document": "县政府批复〔2025〕31号"}),
        "head": (await county.head(agency_id), "approve", {}),
    }[step]
    await caller.post("scheduling", f"{path}/{deed}", body)


async def unit_leader(county: County, agency_id: str) -> Caller:
    """Who leads the unit in which a plan is drafted."""
    name = f"{agency_id}-unit-leader"
    return await county.callers.of("planner", name=name, agency_id=agency_id, area=county.area)


async def met(county: County, *agencies: str) -> Json:
    """A meeting of the joint conference that is being held: the one that is, or a new one."""
    office = await county.conference()
    for meeting in await office.pages("scheduling", "/v1/meetings", area=county.area):
        if meeting["state"] == "held":
            return dict(meeting)
    rules = await office.get("scheduling", "/v1/conference", params={"area": county.area})
    body = {"area": county.area, "kind": "extra", "day": "2025-12-22", "reason": "计划亟待审定"}
    convened = await office.post("scheduling", "/v1/meetings", body)
    now = datetime.fromisoformat(convened["convened_at"]).astimezone(SHANGHAI)
    held = {"held_on": now.date().isoformat(), "presided_by": rules["conveners"][0], "attendees": list(agencies)}
    return dict(await office.post("scheduling", f"/v1/meetings/{convened['meeting_id']}/hold", held))


async def resolve(county: County, meeting: Json, text: str, **more: Any) -> Json:
    """A resolution of a meeting, on plans unless said otherwise."""
    office = await county.conference()
    path = f"/v1/meetings/{meeting['meeting_id']}"
    number = len((await office.get("scheduling", f"{path}/minutes"))["resolutions"]) + 1
    body = {"number": f"联席会议〔{meeting['title'][:4]}〕{meeting['meeting_id'][-4:]}-{number}号", "text": text}
    made: Json = await office.post("scheduling", f"{path}/resolutions", {"subject": "plans", **body, **more})
    return made
