"""Plans, the draw, what the gate prevents, merging and approval."""

from typing import Any

from wurao.embedded.demo.approving import approve
from wurao.embedded.demo.client import Caller, until
from wurao.embedded.demo.county import County, Row, at, commitment, plan, task
from wurao.embedded.demo.opening import UNPUBLISHED
from wurao.embedded.demo.stage import LINES, Stage, hold

# Manufacturing: several departments look at it, so that their tasks meet on the same doorsteps.
TARGETS = ("C",)


async def make_plans(stage: Stage) -> None:
    """编制、审批、备案、公布计划"""
    county = stage.county
    for line in LINES:
        stage.items[line] = _planned_items(stage, county.agency(line))
    for line in LINES:
        agency_id, items = county.agency(line), stage.items[line]
        planner = await county.planner(agency_id)
        title = f"2026年第一季度涉企检查计划（{line}）"
        if stage.rule("plan.mandatory_fields"):
            lacking = plan(agency_id, title, items, basis=None)
            stage.quarter.prevent((await planner.refusal("scheduling", "/v1/plans", lacking))["refusals"])
        made = await planner.post("scheduling", "/v1/plans", plan(agency_id, title, items))
        stage.plans[line] = await _see_through(stage, planner, agency_id, made["plan_id"])
    lead = county.agency(LINES[0])
    together = [item for line in LINES for item in stage.items[line][:1]]
    planner = await county.planner(lead)
    joint = plan(lead, "2026年第一季度跨部门联合双随机计划", together, kind="joint")
    made = await planner.post("scheduling", "/v1/plans", joint)
    stage.plans["joint"] = await _see_through(stage, planner, lead, made["plan_id"])
    filed = [one for one in stage.plans.values() if one.get("filed_at")]
    late = sum(1 for one in filed if one["late"])
    stage.quarter.on_time["计划备案"] = f"{len(filed) - late}/{len(filed)} 份按时"
    stage.quarter.plans.append(f"{len(stage.plans)} 份计划已审批、备案、公布")


def _planned_items(stage: Stage, agency_id: str) -> list[str]:
    """Up to three of an agency's items on the random list that are looked at on site in the target industries."""

    def aimed(row: Row) -> bool:
        industries = row["industries"].split(";")
        return all(industry.startswith(TARGETS) for industry in industries)

    on_site = stage.county.items_of(agency_id, lambda row: row["method"] == "on_site" and row["random_list"] == "true")
    return [row["item_id"] for row in on_site if aimed(row)][:3]


async def _see_through(stage: Stage, planner: Caller, agency_id: str, plan_id: str) -> dict[str, Any]:
    """Approve, file and publish a plan; the planner cannot approve it."""
    county = stage.county
    path = f"/v1/plans/{plan_id}"
    await approve(county, plan_id, agency_id)
    await planner.post("scheduling", f"{path}/file")
    published = await planner.post("scheduling", f"{path}/publish")
    hold(published["published_at"], "计划审批备案后才公布")
    return dict(published)


async def hold_the_draw(stage: Stage) -> None:
    """双随机抽取：先冻结名单，再揭示种子"""
    county = stage.county
    lead = county.agency(LINES[0])
    planner, supervisor = await county.planner(lead), await county.supervisor()
    secrets = {"agency": f"{county.area}-agency-2026q1", "supervisor": f"{county.area}-justice-2026q1"}
    frozen = await planner.post(
        "scheduling",
        "/v1/draws",
        {
            "plan_id": stage.plans["joint"]["plan_id"],
            "item_ids": [item for line in LINES for item in stage.items[line][:1]],
            "earliest": "2026-01-05",
            "latest": "2026-03-13",
            "commitment": commitment(secrets["agency"]),
        },
    )
    path = f"/v1/draws/{frozen['draw_id']}"
    await supervisor.post("scheduling", f"{path}/commitments", {"commitment": commitment(secrets["supervisor"])})
    await planner.post("scheduling", f"{path}/reveals", {"secret": secrets["agency"]})
    await supervisor.post("scheduling", f"{path}/reveals", {"secret": secrets["supervisor"]})
    shown = await until("抽取完成", lambda: _held(county, frozen["draw_id"]))
    hold(shown["pool_digest"] == frozen["pool_digest"], "名单在种子揭示之前已冻结并公布摘要")
    stage.quarter.pool = int(shown["pool_size"])
    stage.quarter.drawn = len(shown["tickets"])
    hold(stage.quarter.drawn > 0, "抽中了企业")


async def _held(county: County, draw_id: str) -> Any:
    """The public proof of a draw, once it is held."""
    shown = await county.callers.public.get("scheduling", f"/v1/public/draws/{draw_id}")
    return shown if shown["state"] == "held" else None


async def try_what_is_not_allowed(stage: Stage) -> None:
    """尝试不该有的检查，逐一被拦下"""
    county = stage.county
    market, emergency = county.agency("market"), county.agency("emergency")
    planner = await county.planner(market)
    target = next(county.enterprises_in(TARGETS))["enterprise_id"]
    item = stage.items["market"][0]
    off_list = county.items_of(market, lambda row: row["method"] == "either")
    attempts = [
        task(market, target, [stage.items["emergency"][0]], origin="plan", plan_id=stage.plans["market"]["plan_id"]),
        task(market, target, [item], origin="plan"),
        task(market, target, [item], origin="plan", plan_id=stage.plans["market"]["plan_id"]),
        task(market, target, [item], origin="triggered", ground="complaint"),
        task(market, target, [item], origin="triggered", ground="nosiness", source_record="某领导口头要求"),
        *[task(market, target, [row["item_id"]], origin="plan") for row in off_list[:1]],
    ]
    attempts.extend(
        task(market, enterprise_id, [item], origin="draw", plan_id=stage.plans["market"]["plan_id"])
        for enterprise_id in await _of_best_grade(stage, 3)
    )
    for attempt in attempts:
        answer = await planner.send("POST", "scheduling", "/v1/tasks", json=attempt)
        if answer.refused:
            stage.quarter.prevent(answer.body["refusals"])
    verdicts = (await planner.post("scheduling", "/v1/preflight", {"requests": attempts}))["verdicts"]
    hold(any(not verdict["permitted"] for verdict in verdicts), "预检给出同样的拒绝理由")
    unpublished = county.agency(UNPUBLISHED)
    other = await county.planner(unpublished)
    mine = county.items_of(unpublished)
    if mine:
        body = task(unpublished, target, [mine[0]["item_id"]], origin="plan")
        stage.quarter.prevent((await other.refusal("scheduling", "/v1/tasks", body))["refusals"])
    await _run_into_the_cap(stage, emergency)
    hold(len(stage.quarter.prevented) >= 3, "不合规的检查被拦下，并说明条款")


async def _of_best_grade(stage: Stage, count: int) -> list[str]:
    """Some enterprises that the pack's scheme grades best."""
    county = stage.county
    platform = await county.platform()
    best = stage.rule("grade.scheme")["levels"][0]
    found: list[str] = []
    for row in county.enterprises_in(TARGETS):
        grade = await platform.get("registry", f"/v1/enterprises/{row['enterprise_id']}/grade")
        if grade["grade"] == best:
            found.append(row["enterprise_id"])
        if len(found) == count:
            break
    return found


async def _run_into_the_cap(stage: Stage, agency_id: str) -> None:
    """Plan one more visit than the pack allows an agency for one enterprise in a year."""
    cap = stage.rule("cap.on_site_per_year")
    if not cap:
        return
    county = stage.county
    planner = await county.planner(agency_id)
    special = [row for row in county.enterprises_in(TARGETS) if "special_industry" in row["tags"]]
    if not special:
        return
    target = special[0]["enterprise_id"]
    for number in range(cap + 2):
        body = task(
            agency_id,
            target,
            [stage.items["emergency"][number % len(stage.items["emergency"])]],
            origin="plan",
            plan_id=stage.plans["emergency"]["plan_id"],
            ground="special_industry",
            source_record="危险化学品专项名录",
            reason="须现场核对安全设施",
            earliest=f"2026-0{1 + number % 3}-05",
            latest=f"2026-0{1 + number % 3}-20",
        )
        answer = await planner.send("POST", "scheduling", "/v1/tasks", json=body)
        if answer.refused:
            stage.quarter.prevent(answer.body["refusals"])


async def act_on_a_complaint(stage: Stage) -> None:
    """收到举报，依法触发检查"""
    county = stage.county
    market = county.agency("market")
    planner = await county.planner(market)
    target = list(county.enterprises_in(TARGETS))[2]["enterprise_id"]
    await planner.post(
        "scheduling",
        "/v1/tasks",
        task(
            market,
            target,
            [stage.items["market"][0]],
            origin="triggered",
            ground="complaint",
            source_record="12345工单20251222-0031",
            reason="须现场核实举报内容",
            earliest="2026-01-05",
            latest="2026-01-16",
        ),
    )


async def merge_into_visits(stage: Stage) -> None:
    """综合查一次：合并任务"""
    county = stage.county
    planner = await county.planner(county.agency(LINES[0]))
    job = await planner.post(
        "scheduling", "/v1/merges", {"area": county.area, "from": "2026-01-05", "to": "2026-03-31"}
    )
    result = await county.job_done(planner, "scheduling", job["job_id"], stage.note)
    quarter = stage.quarter
    quarter.tasks, quarter.visits = int(result["tasks"]), int(result["visits"])
    quarter.visits_unmerged = int(result["visits_unmerged"])
    hold(0 < quarter.visits <= quarter.visits_unmerged, "合并后入企次数不多于合并前")


async def _consent(stage: Stage) -> None:
    """Participants of joint visits consent, where the pack wants them to be asked."""
    county = stage.county
    asked = await (await county.supervisor()).pages("scheduling", "/v1/consents", state="open")
    for number, consent in enumerate(asked, 1):
        stage.note(f"征求意见 {number}/{len(asked)}")
        head = await county.head(consent["agency_id"])
        await head.post("scheduling", f"/v1/consents/{consent['consent_id']}/agree")


async def approve_visits(stage: Stage) -> None:
    """逐次审批，赋行政行为码"""
    county = stage.county
    planner = await county.planner(county.agency(LINES[0]))
    proposed = await (await county.supervisor()).pages("scheduling", "/v1/visits", state="proposed")
    hold(proposed, "合并产生了待批的入企")
    refused = await planner.send("POST", "scheduling", f"/v1/visits/{proposed[0]['visit_id']}/approve")
    hold(refused.status == 403, "经办人不能审批")
    await _consent(stage)
    for number, visit in enumerate(proposed, 1):
        stage.note(f"审批入企 {number}/{len(proposed)}")
        head = await county.head(visit["lead_agency_id"])
        approved = await head.post("scheduling", f"/v1/visits/{visit['visit_id']}/approve")
        hold(approved["code"]["token"], "审批通过才有行政行为码")
        stage.visits.append(approved)
    stage.visits.sort(key=lambda visit: (visit["day"], visit["visit_id"]))
    last = stage.visits[-1]["visit_id"]
    token = stage.visits[-1]["code"]["token"]

    async def known() -> bool:
        check = await county.callers.public.post("checkin", "/v1/public/code-checks", {"token": token})
        return bool(check["state"] != "unknown")

    await until(f"入企 {last} 到达入企核验服务", known)
    await stage.move_to(at("2026-01-04", "18:00"))
