"""Import, publication, grading."""

from wurao.embedded.demo.client import until
from wurao.embedded.demo.stage import LINES, Stage, hold

# One agency stays unpublished, to be refused later (DT-01).
UNPUBLISHED = "statistics"


async def import_the_county(stage: Stage) -> None:
    """导入本县名录"""
    county = stage.county
    await county.activate()
    stage.quarter.loaded = await county.load(stage.note)
    found = await county.callers.public.get(
        "registry", "/v1/packs/effective", params={"area": county.area, "on": stage.now.date().isoformat()}
    )
    stage.rules = {rule["name"]: rule for rule in found}
    stage.quarter.rules = _readable(stage)


def _readable(stage: Stage) -> dict[str, str]:
    """The rules in which the documents differ, in words."""
    cap, days, makeup = (
        stage.rule("cap.on_site_per_year"),
        stage.rule("callback.days"),
        stage.rule("filing.makeup_working_days"),
    )
    scheme, labels = stage.rule("grade.scheme"), stage.rule("vocabulary.labels")
    return {
        "同一主体年度现场检查": f"每户至多 {cap} 次" if cap else "文件未定次数上限",
        "计划备案机关": str(labels.get(stage.rule("plan.filing_office"), stage.rule("plan.filing_office"))),
        "计划审定": "联席会议" if stage.rule("plan.approver") == "conference" else "本机关负责人",
        "来不及报批": f"事后 {makeup} 个工作日内补办"
        if stage.rule("filing.after_the_fact") and makeup
        else "文件未设事后补办期限"
        if stage.rule("filing.after_the_fact")
        else "须同时报备，不允许事后报备",
        "企业回访": f"{days} 日内" if stage.rule("callback.required") and days else "文件未要求",
        "信用等级": "、".join(str(labels.get(level, level)) for level in scheme["levels"]),
        "未报备入企": "自动移交纪检监察" if stage.rule("lead.unfiled_entry") else "监督机构限期处理",
    }


async def publish_agencies_and_items(stage: Stage) -> None:
    """公示执法主体和检查事项"""
    county = stage.county
    stage.quarter.agencies_published = await county.publish(except_for=frozenset({county.agency(UNPUBLISHED)}))
    directory = await county.callers.public.pages("registry", "/v1/public/agencies")
    hold(len(directory) == stage.quarter.agencies_published, "公众名录正好是已公示的执法主体")
    hold(all(agency["authority"] for agency in directory), "每个执法主体都公示了职权依据")


async def _approve_next_year(stage: Stage) -> None:
    """Next year's class list: nobody but the body that the pack names approves it."""
    county, year = stage.county, stage.now.year + 1
    listed = await county.proposed_list(year, note=stage.note)
    planner = await county.planner(county.agency(LINES[0]))
    path, wish = f"/v1/class-lists/{listed['list_id']}/approve", {"resolution": "自行审定"}
    stage.quarter.prevent((await planner.refusal("registry", path, wish))["refusals"])
    approved = await county.approved_list(listed["list_id"], stage.note)
    hold(approved["in_force_from"] == f"{year}-01-01", "下年度分级清单自1月1日起执行")
    stage.quarter.class_list = f"联席会议审定{year}年度清单，{approved['total']:,} 户，自{year}-01-01起执行"


async def grade_everybody(stage: Stage) -> None:
    """按此地的办法给企业分级"""
    county = stage.county
    result = await county.grade(stage.note)
    stage.quarter.grades = dict(result["grades"])
    if stage.rule("grade.approved_month") == stage.now.month:
        await _approve_next_year(stage)
    await county.known_everywhere()
    last = county.table("enterprises")[-1]["enterprise_id"]
    explained = await (await county.enterprise(last)).get("registry", f"/v1/enterprises/{last}/grade")
    hold(explained["indicators"] and explained["clause"], "每个等级都说明理由和条款")

    async def graded() -> bool:
        seen = await (await county.platform()).get("registry", f"/v1/enterprises/{last}/grade")
        return bool(seen["grade"])

    await until("等级生效", graded)
