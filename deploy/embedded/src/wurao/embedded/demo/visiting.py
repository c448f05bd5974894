"""The doors: entry, record, evidence, signatures, ledger, evaluation; an emergency; callbacks."""

import hashlib
from datetime import timedelta
from typing import Any

from wurao.embedded.demo.client import Caller, until
from wurao.embedded.demo.county import at
from wurao.embedded.demo.stage import Stage, hold

# Violations that the play finds on its way, with circumstances that lists and benchmarks weigh.
FINDINGS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("waste.storage_unlabelled", ("minor", "corrected", "harmless")),
    ("fire.exit_blocked", ()),
    ("equipment.overdue_inspection", ("slight_harm", "corrected")),
)


async def go_to_every_door(stage: Stage) -> None:
    """扫码入企，检查，签字办结，企业评价"""
    # The last visit is kept: one of its officers will be suspended before it begins. The one before it is not called
    # back in time, to see the clock speak up.
    hold(len(stage.visits) > 1, "本季度有多次入企")
    for number, visit in enumerate(stage.visits[:-1]):
        stage.note(f"入企 {number + 1}/{len(stage.visits)}（{visit['day']}）")
        await stage.move_to(at(visit["day"]))
        if number == 0:
            await _refused_without_certificate(stage, visit)
        entry = await enter(stage, visit)
        await stage.move_to(stage.now + timedelta(minutes=40))
        finding = FINDINGS[number] if number < len(FINDINGS) else None
        await finish(stage, visit, entry, finding)
        await _evaluate(stage, visit)
        if number < len(stage.visits) - 2:
            await _call_back(stage, entry["entry_id"])
    stage.quarter.entries = len(stage.entries)
    stage.quarter.code_page = await _page(stage, stage.visits[-2])


async def door_body(stage: Stage, visit: dict[str, Any]) -> dict[str, Any]:
    """What officers send at the door: the scanned enterprise code, the visit's action code, who they are."""
    enterprise_id = visit["enterprise_id"]
    enterprise = await stage.county.enterprise(enterprise_id)
    code = await enterprise.get("checkin", f"/v1/enterprises/{enterprise_id}/code")
    return {
        "enterprise_code": code["token"],
        "action_code": visit["code"]["token"],
        "officer_ids": [officer["officer_id"] for officer in visit["officers"]],
    }


async def caller_of(stage: Stage, visit: dict[str, Any]) -> Caller:
    """The first officer of a visit."""
    first = visit["officers"][0]
    return await stage.county.officer(first["officer_id"], first["agency_id"])


async def enter(stage: Stage, visit: dict[str, Any]) -> dict[str, Any]:
    """Scan at the door."""
    caller = await caller_of(stage, visit)
    return dict(await caller.post("checkin", "/v1/entries", await door_body(stage, visit)))


async def _refused_without_certificate(stage: Stage, visit: dict[str, Any]) -> None:
    """One officer alone, or somebody who is not named on the visit, does not get in."""
    body = await door_body(stage, visit)
    caller = await caller_of(stage, visit)
    alone = body | {"officer_ids": body["officer_ids"][:1]}
    stage.quarter.prevent((await caller.refusal("checkin", "/v1/entries", alone))["refusals"])
    county = stage.county
    expired = next(row for row in county.table("officers") if row["valid_to"] and row["valid_to"] < "2026-01-01")
    with_expired = body | {"officer_ids": [*body["officer_ids"][:1], expired["officer_id"]]}
    stage.quarter.prevent((await caller.refusal("checkin", "/v1/entries", with_expired))["refusals"])


async def finish(
    stage: Stage, visit: dict[str, Any], entry: dict[str, Any], finding: tuple[str, tuple[str, ...]] | None
) -> None:
    """Fill the form, register evidence, sign by every officer, finish."""
    caller = await caller_of(stage, visit)
    path = f"/v1/entries/{entry['entry_id']}"
    found_on = entry["items"][0]["item_id"]
    record = {
        "answers": [{"question_id": one["question_id"], "value": _answer(one["kind"])} for one in entry["questions"]],
        "results": [
            {"item_id": one["item_id"], "result": "violation" if finding and one["item_id"] == found_on else "conform"}
            for one in entry["items"]
        ],
        "findings": [
            {
                "item_id": found_on,
                "violation": finding[0],
                "description": "现场检查发现，详见照片",
                "circumstances": list(finding[1]),
            }
        ]
        if finding
        else [],
        "present": "店长王某",
    }
    await caller.put("checkin", f"{path}/record", record)
    photo = f"photo of {entry['entry_id']}".encode()
    digest = hashlib.sha256(photo).hexdigest()
    evidence = await caller.post(
        "checkin",
        f"{path}/evidence",
        {
            "kind": "photo",
            "media_type": "image/jpeg",
            "size": len(photo),
            "sha256": digest,
            "taken_at": stage.now.isoformat(),
        },
    )
    altered = hashlib.sha256(photo + b"!").hexdigest()
    proof = f"{path}/evidence/{evidence['evidence_id']}/verify"
    hold((await caller.post("checkin", proof, {"sha256": digest}))["intact"], "证据未被改动")
    hold(not (await caller.post("checkin", proof, {"sha256": altered}))["intact"], "改动过的证据会被发现")
    for officer in visit["officers"]:
        signer = await stage.county.officer(officer["officer_id"], officer["agency_id"])
        await signer.post("checkin", f"{path}/signatures")
    done = await caller.post("checkin", f"{path}/finish")
    hold(done["ledger_seq"] > 0, "办结的入企进入台账")
    stage.entries.append({"visit": visit, "entry_id": entry["entry_id"], "finding": finding, **done})


def _answer(kind: str) -> object:
    return {"yes_no": True, "number": 3, "text": "符合要求"}[kind]


async def _evaluate(stage: Stage, visit: dict[str, Any]) -> None:
    body = {
        "code": visit["code"]["token"],
        "satisfaction": 5,
        "code_shown": True,
        "certificates_shown": True,
        "disturbed": False,
        "fees_asked": False,
    }
    public = stage.county.callers.public
    await public.post("checkin", "/v1/public/evaluations", body)
    again = await public.send("POST", "checkin", "/v1/public/evaluations", json=body)
    hold(again.status == 409, "一次入企只能评价一次")


async def _page(stage: Stage, visit: dict[str, Any]) -> str:
    """The page that a visit's QR opens; anybody may look."""
    path = f"/v1/public/codes/{visit['code']['code_id']}"
    page = await stage.county.callers.public.get("checkin", path)
    hold(visit["enterprise_name"] in page, "任何人都能查验行政行为码")
    return f"{stage.county.callers.public.endpoints.services['checkin']}{path}"


async def meet_an_emergency(stage: Stage) -> None:
    """突发情况：先入企后补办，还是不许事后报备"""
    county = stage.county
    agency_id = county.agency("emergency")
    officers = [row["officer_id"] for row in county.officers_of(agency_id)[:2]]
    target = list(county.enterprises_in(("C", "F")))[5]["enterprise_id"]
    planner = await county.planner(agency_id)
    item = stage.items["emergency"][0]
    filing = {
        "enterprise_id": target,
        "agency_id": agency_id,
        "ground": "emergency" if "emergency" in stage.rule("grounds.off_plan") else "public_safety",
        "source_record": "应急值班记录2026-0211",
        "officer_ids": officers,
        "item_ids": [item],
        "began_at": stage.now.isoformat(),
    }
    await stage.move_to(at(stage.now.date().isoformat(), "15:30"))
    answer = await planner.send("POST", "scheduling", "/v1/filings", json=filing)
    if stage.rule("filing.after_the_fact"):
        hold(answer.status == 201, "此地允许事后补办")
        stage.quarter.plans.append(
            "突发检查：事后补办，已记录" + ("（超期）" if answer.body["late"] else "（在期限内）")
        )
    else:
        hold(answer.refused, "此地不允许事后报备")
        stage.quarter.prevent(answer.body["refusals"])
        soon = (stage.now + timedelta(minutes=5)).isoformat()
        filed = await planner.post("scheduling", "/v1/filings", filing | {"began_at": soon})
        hold(not filed["after_the_fact"], "先报备即可检查")
        stage.quarter.plans.append("突发检查：事后报备被拒，改为先报备后入企")


async def _call_back(stage: Stage, entry_id: str) -> None:
    """Call the enterprise back about one entry, where the pack asks for it (CX-09)."""
    if not stage.rule("callback.required"):
        return
    supervisor = await stage.county.supervisor()

    async def opened() -> dict[str, Any] | None:
        found = await supervisor.pages("supervision", "/v1/callbacks", state="open")
        return next((one for one in found if one["entry_id"] == entry_id), None)

    callback = await until("入企办结后开出回访", opened)
    body = {"satisfied": True, "issues": [], "note": "企业表示检查规范"}
    await supervisor.post("supervision", f"/v1/callbacks/{callback['callback_id']}/result", body)


async def count_callbacks(stage: Stage) -> None:
    """事后回访：按时的，和超期预警的"""
    if not stage.rule("callback.required"):
        stage.quarter.on_time["企业回访"] = "文件未要求"
        return
    supervisor = await stage.county.supervisor()
    await stage.move_to(stage.now + timedelta(days=7))

    async def overdue() -> list[Any] | None:
        found = await supervisor.pages("supervision", "/v1/callbacks", state="overdue")
        return found or None

    late = await until("未按时的回访引发预警", overdue)
    done = await supervisor.pages("supervision", "/v1/callbacks", state="done")
    stage.quarter.on_time["企业回访"] = f"{len(done)}/{len(done) + len(late)} 次按时，{len(late)} 次超期已预警"
