"""What follows: cases, the grade, an unfiled entry, a proven complaint, the lead, the suspended officer."""

import time
from collections import Counter
from datetime import date, timedelta
from typing import Any

from wurao.embedded.demo.client import Caller, StepFailed, until
from wurao.embedded.demo.county import at
from wurao.embedded.demo.stage import Stage, hold
from wurao.embedded.demo.visiting import caller_of, door_body

VIOLATIONS = {
    "waste.storage_unlabelled": "固废贮存未设标识",
    "fire.exit_blocked": "疏散通道堵塞",
    "equipment.overdue_inspection": "特种设备超期未检",
}
OUTCOMES = {
    "exempt": "不予处罚",
    "waived": "首违免罚",
    "mitigated": "减轻",
    "lighter": "从轻",
    "ordinary": "一般",
    "heavier": "从重",
    "no_fault": "无过错不罚",
}


async def decide_cases(stage: Stage) -> None:
    """立案，清单和基准提出建议，决定，缴款"""
    county = stage.county
    expected = [entry for entry in stage.entries if entry["finding"]]
    supervisor = await county.supervisor()

    async def arrived() -> list[Any] | None:
        found = await supervisor.pages("penalty", "/v1/violations")
        return found if len(found) >= len(expected) else None

    for violation in await until("违法线索到达处罚服务", arrived):
        await _decide(stage, violation)
    counted = Counter(line.split("：")[0] for line in stage.quarter.penalties)
    hold(sum(counted.values()) == len(expected), "每条线索都有结论")


async def _decide(stage: Stage, violation: dict[str, Any]) -> None:
    """Take a violation from case to decision by what lists and benchmark propose."""
    county, agency_id = stage.county, violation["agency_id"]
    reviewing = _reviewer_of(stage, agency_id)
    handlers = _handlers(stage, violation, reviewing)
    handler, head = await county.officer(handlers[0], agency_id), await county.head(agency_id)
    body = {"violation_id": violation["violation_id"], "officer_ids": handlers}
    case = await handler.post("penalty", "/v1/cases", body)
    path = f"/v1/cases/{case['case_id']}"
    proposal = await handler.get("penalty", f"{path}/proposal")
    hold(proposal["reasons"], "建议说明理由和条款")
    fine = int(proposal["range"]["min_fen"])
    if fine:
        await _hear(stage, handler, path, fine)
    reviewer = await county.callers.of(
        "reviewer", name=reviewing, officer_id=reviewing, agency_id=agency_id, area=county.area
    )
    await reviewer.post("penalty", f"{path}/review", {"passed": True, "opinion": "事实清楚，裁量适当"})
    decision = await head.post(
        "penalty",
        f"{path}/decision",
        {
            "procedure": "ordinary",
            "outcome": proposal["outcome"],
            "fine_fen": fine,
            "kinds": ["fine"] if fine else [],
            "reason": "；".join(reason["text"] for reason in proposal["reasons"])[:900],
            "education": "已当面说明法律规定和改正办法",
        },
    )
    outcome = OUTCOMES.get(decision["outcome"], decision["outcome"])
    stage.quarter.penalties.append(
        f"{VIOLATIONS[violation['violation']]}：{outcome}" + (f"，罚款 {fine / 100:,.0f} 元" if fine else "")
    )
    if fine:
        await _pay(stage, path, fine)
        stage.fined = {"enterprise_id": violation["enterprise_id"], "fine_fen": fine}


async def _hear(stage: Stage, handler: Caller, path: str, fine: int) -> None:
    """Notice, the party's statement and its answer."""
    county = stage.county
    notice = {"fine_fen": fine, "kinds": ["fine"], "facts": "现场检查记录载明的事实", "reasons": "依据裁量基准"}
    await handler.post("penalty", f"{path}/notice", notice)
    case = await handler.get("penalty", path)
    enterprise = await county.enterprise(case["enterprise_id"])
    await enterprise.post("penalty", f"{path}/statements", {"text": "已经整改，请从轻处理"})
    await handler.post("penalty", f"{path}/statements/answer", {"text": "已复核，裁量时已考虑"})


def _reviewer_of(stage: Stage, agency_id: str) -> str:
    """A qualified reviewer of the agency."""
    for row in stage.county.table("officers"):
        if row["agency_id"] == agency_id and row["legal_reviewer"] == "true" and row["legal_qualified"] == "true":
            return row["officer_id"]
    raise StepFailed(f"{agency_id} 没有具备资格的法制审核人员")


def _handlers(stage: Stage, violation: dict[str, Any], reviewer: str) -> list[str]:
    """Two officers of the agency for the case, first those who were there; never its reviewer."""
    able = [row["officer_id"] for row in stage.county.officers_of(violation["agency_id"])]
    there = [officer_id for officer_id in able if officer_id in violation["officers"]]
    return [officer_id for officer_id in dict.fromkeys([*there, *able]) if officer_id != reviewer][:2]


async def _pay(stage: Stage, path: str, fine: int) -> None:
    """Pay through the treasury; an agency's own account is refused (LX-06)."""
    treasury = await stage.county.treasury()
    body = {"fen": fine, "paid_on": stage.now.date().isoformat(), "channel": "agency_account"}
    stage.quarter.prevent((await treasury.refusal("penalty", f"{path}/payments", body))["refusals"])
    paid = await treasury.post("penalty", f"{path}/payments", body | {"channel": "treasury"})
    hold(paid["settled"], "罚款缴入国库后结清")


async def see_the_grade_move(stage: Stage) -> None:
    """处罚事实回到名录，信用重新评定"""
    if not stage.fined:
        raise StepFailed("没有产生罚款的案件")
    enterprise_id = stage.fined["enterprise_id"]
    enterprise = await stage.county.enterprise(enterprise_id)

    async def counted() -> dict[str, Any] | None:
        grade: dict[str, Any] = await enterprise.get("registry", f"/v1/enterprises/{enterprise_id}/grade")
        facts = [one for one in grade["indicators"] if one["indicator"] == "penalties_24m" and one["value"] > 0]
        return grade if facts else None

    grade = await until("处罚决定进入信用事实", counted)
    moved = f"受罚企业的信用得分因此变为 {grade['score'] / 100:.2f}，等级 {grade['label']}，理由逐项列明"
    stage.quarter.regraded = f"{moved}；等级经清单审定后方可变更" if grade["by_list"] else moved


async def show_an_enterprise_itself(stage: Stage) -> None:
    """企业一次查看本企业的全部信息"""
    enterprise_id = stage.fined["enterprise_id"] if stage.fined else ""
    enterprise = await stage.county.enterprise(enterprise_id)

    async def complete() -> dict[str, Any] | None:
        view: dict[str, Any] = await enterprise.get("registry", f"/v1/enterprises/{enterprise_id}/overview")
        return view if view["burden"]["visits"] and view["cases"] else None

    view = await until("企业视图汇总检查与案件", complete)
    burden = view["burden"]
    hold(view["grade"]["reasons"], "企业看到等级的理由")
    stage.quarter.view = (
        f"受罚企业一次看到本企业全部信息：今年入企{burden['visits']}次、{burden['minutes']}分钟、"
        f"要看材料{burden['papers']}份，案件{len(view['cases'])}件，权利{len(view['rights'])}项"
    )


async def report_an_unfiled_entry(stage: Stage) -> None:
    """企业报告未报备入企"""
    county = stage.county
    officer = stage.visits[-1]["officers"][0]
    agency_id = officer["agency_id"]
    stage.suspect = {"officer_id": officer["officer_id"], "agency_id": agency_id}
    target = stage.visits[0]["enterprise_id"]
    enterprise = await county.enterprise(target)
    report = await enterprise.post(
        "checkin",
        "/v1/unfiled-entries",
        {
            "enterprise_id": target,
            "agency_id": agency_id,
            "officer_ids": [officer["officer_id"]],
            "description": "两人未出示行政行为码即进车间，称例行看看",
            "happened_at": stage.now.isoformat(),
        },
    )
    supervisor = await county.supervisor()

    async def alerted() -> list[Any] | None:
        alerts = await supervisor.pages("supervision", "/v1/alerts", area=county.area)
        return [one for one in alerts if report["report_id"] in " ".join(one["evidence"])] or None

    alert = (await until("未报备入企引发预警", alerted))[0]
    stage.quarter.unfiled = f"未报备入企 → 预警（{alert['clause']}）：{alert['message']}"


async def prove_a_complaint(stage: Stage) -> None:
    """投诉查实：责令改正，移交线索"""
    county = stage.county
    target = stage.visits[0]["enterprise_id"]
    enterprise, supervisor = await county.enterprise(target), await county.supervisor()
    listed = await county.callers.public.get("supervision", "/v1/complaints/categories", params={"area": county.area})
    known = {one["category"] for one in listed}
    category = next(one for one in ("forced_purchase", "arbitrary_fee") if one in known)
    complaint = await enterprise.post(
        "supervision",
        "/v1/complaints",
        {
            "channel": "enterprise",
            "category": category,
            "enterprise_id": target,
            "agency_id": stage.suspect["agency_id"],
            "officer_ids": [stage.suspect["officer_id"]],
            "description": "要求到指定公司购买设备并交咨询费",
        },
    )
    closed = await supervisor.post(
        "supervision",
        f"/v1/complaints/{complaint['complaint_id']}/close",
        {
            "outcome": "proven",
            "reply": "经查属实，已责令改正并移交线索",
            "agency_id": stage.suspect["agency_id"],
            "officer_ids": [stage.suspect["officer_id"]],
            "suspected_breach": True,
        },
    )
    hold(closed["correction"], "投诉查实，立即责令改正")
    hold(closed["leads"], "涉嫌违纪，线索移交")
    # A lead goes to the discipline inspection of the level that manages the officer (CX-19).
    discipline = await county.callers.of("discipline", area=closed["leads"][0]["routed_area"])
    leads = await discipline.pages("supervision", "/v1/leads", state="referred")
    hold(any(lead["lead_id"] == closed["leads"][0]["lead_id"] for lead in leads), "纪检监察机关收到线索")
    for lead in leads:
        await discipline.post("supervision", f"/v1/leads/{lead['lead_id']}/acknowledge", {"note": "已签收"})
    first = closed["leads"][0]
    stage.quarter.lead = {
        "线索": f"{first['summary']}（{first['clause']}），共 {len(leads)} 条已由纪检监察机关签收",
        "责令改正": f"{closed['correction']['demand']}，期限 {closed['correction']['due']}",
    }
    stage.suspect["lead_id"] = first["lead_id"]


async def suspend_the_officer(stage: Stage) -> None:
    """停职的人员在下一家企业门口被拒"""
    county, suspect = stage.county, stage.suspect
    visit = stage.visits[-1]
    await stage.move_to(at(visit["day"]))
    supervisor = await county.supervisor()
    body = await door_body(stage, visit)
    caller = await caller_of(stage, visit)
    began = time.monotonic()
    await supervisor.post(
        "supervision",
        "/v1/sanctions",
        {
            "officer_id": suspect["officer_id"],
            "sanction": "suspend",
            "until": (stage.now.date() + timedelta(days=90)).isoformat(),
            "reason": "投诉查实，暂扣行政执法证件",
            "lead_id": suspect["lead_id"],
        },
    )

    # Asked without the action code, which never opens the door: the question itself must not let anybody in.
    asking = body | {"action_code": None}

    async def suspended() -> bool:
        answer = await caller.send("POST", "checkin", "/v1/entries", json=asking)
        return any("suspended" in refusal["code"] for refusal in answer.body.get("refusals", []))

    await until("停职决定到达每一扇门", suspended, seconds=30)
    problem = await caller.refusal("checkin", "/v1/entries", body)
    stage.quarter.blocked_after_seconds = time.monotonic() - began
    refusal = next(one for one in problem["refusals"] if "suspended" in one["code"])
    stage.quarter.blocked_by = f"{refusal['message']}（{refusal['clause']}）"
    stage.quarter.prevent(problem["refusals"])


async def close_the_quarter(stage: Stage) -> None:
    """结账：由事件汇成的统计"""
    county = stage.county
    supervisor = await county.supervisor()
    period = {"area": county.area, "from": "2025-12-01", "to": max(stage.now.date(), date(2026, 3, 31)).isoformat()}

    async def complete() -> dict[str, Any] | None:
        figures: dict[str, Any] = (await supervisor.get("supervision", "/v1/statistics", params=period))["figures"]
        return figures if figures["inspections"]["finished"] >= len(stage.entries) else None

    stage.quarter.figures = await until("统计汇总完成", complete)
    await stage.move_to(at("2026-03-31", "18:00"))
