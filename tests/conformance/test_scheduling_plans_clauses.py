"""Plans, their approvals, filings and the joint conference: duties of scheduling, shown over HTTP and the bus."""

from datetime import datetime
from typing import Any

import pytest
from tests.conformance import acts, planning
from tests.conformance.conftest import Bench

from wurao.common.clock import SHANGHAI
from wurao.common.contracts.plans import ConferenceHeld, PlanApproved, PlanFiled, PlanPublished
from wurao.common.contracts.scheduling import DrawHeld
from wurao.embedded.demo import approving
from wurao.embedded.demo.client import Caller, until
from wurao.embedded.demo.county import County, at, plan, task

SOURCE = "12345工单20251222-0031"


@pytest.mark.pack("dingtao")
@pytest.mark.clause("DT-11")
async def test_outside_the_plan_only_the_eight_grounds_pass(bench: Bench) -> None:
    """An unplanned task passes with each of the eight listed grounds and is refused, naming them, with any other."""
    county = bench.county
    market = county.agency("market")
    wide = planning.item(county, market, industries="")
    planner = await county.planner(market)
    grounds = await planning.rule(county, "grounds.off_plan")
    assert len(grounds) == 8
    *targets, other = planning.enterprises(county, 9)

    unlisted = (None, "special_campaign", "media_exposure", "transferred", "key_area")
    for ground in unlisted:
        body = task(market, other, [wide], origin="triggered", ground=ground, source_record=SOURCE)
        why = await planning.refused(planner, "/v1/tasks", body)
        assert why["plan.no_ground"]["clause"] == "DT-11"
        options = why["plan.no_ground"]["alternatives"]
        assert all(any(f"（{listed}）" in option for option in options) for listed in grounds)
    why = await planning.refused(planner, "/v1/tasks", task(market, other, [wide], origin="plan"))
    assert why["plan.missing"]["clause"] == "DT-11"
    kept = await planning.evidence(bench.events, market, len(unlisted) + 1)
    assert {event.enterprise_id for event in kept} == {other}
    assert await planning.tasks(county, agency_id=market) == []

    for ground, target in zip(grounds, targets, strict=True):
        body = task(market, target, [wide], origin="triggered", ground=ground, source_record=SOURCE)
        assert (await planning.tasked(county, body))["ground"] == ground
    assert len(await planning.tasks(county, agency_id=market)) == 8


@pytest.mark.pack("dingtao")
@pytest.mark.clause("DT-11")
async def test_plans_show_that_they_were_filed_and_whether_late(bench: Bench) -> None:
    """An annual plan shows that it is not filed, filed with the justice department, or filed there late."""
    county = bench.county
    market, fire, health = (county.agency(line) for line in ("market", "fire", "health"))
    plans = {
        agency_id: await planning.approved(
            county, await planning.draft(county, agency_id, [planning.item(county, agency_id)], kind="annual")
        )
        for agency_id in (market, fire, health)
    }
    await planning.filed(county, plans[market])
    await county.callers.set_clock(at("2026-02-02"))
    await planning.filed(county, plans[fire])

    justice = await county.supervisor()
    shown = {one["agency_id"]: one for one in await justice.pages("scheduling", "/v1/plans")}
    assert {agency_id: (one["filed_at"] is not None, one["late"]) for agency_id, one in shown.items()} == {
        market: (True, False),
        fire: (True, True),
        health: (False, False),
    }
    assert shown[market]["office"] == shown[fire]["office"] == "justice"
    await bench.events.wait_for(PlanFiled, lambda e: e.agency_id == fire)
    told = [(event.agency_id, event.office, event.late, event.clause) for event in bench.events.of(PlanFiled)]
    assert told == [(market, "justice", False, "DT-11"), (fire, "justice", True, "DT-11")]


@pytest.mark.pack("linxia")
@pytest.mark.clause("LX-02")
async def test_a_plan_names_each_of_the_six_contents_that_it_lacks(bench: Bench) -> None:
    """A plan without basis, content, targets, frequency, method or time is refused with one reason for each."""
    county = bench.county
    market = county.agency("market")
    planner = await county.planner(market)
    complete = plan(market, "2026年检查计划", [planning.item(county, market)], kind="annual", period_to="2026-12-31")
    fields = await planning.rule(county, "plan.mandatory_fields")
    assert set(fields) == {"basis", "content", "targets", "frequency", "method", "time"}

    async def lacking(*missing: str, value: str | None = None) -> list[str]:
        problem = await planner.refusal("scheduling", "/v1/plans", complete | dict.fromkeys(missing, value))
        assert {(one["code"], one["clause"]) for one in problem["refusals"]} == {("plan.field_missing", "LX-02")}
        return [one["message"] for one in problem["refusals"]]

    named = {field: await lacking(field) for field in fields}
    assert all(len(messages) == 1 for messages in named.values())
    assert len({messages[0] for messages in named.values()}) == 6
    assert await lacking(*fields) == [named[field][0] for field in fields]
    assert await lacking("basis", "time", value="  ") == named["basis"] + named["time"]
    kept = await planning.evidence(bench.events, market, 8)
    assert {event.stage for event in kept} == {"plan"}
    assert await planner.pages("scheduling", "/v1/plans") == []
    assert (await planner.post("scheduling", "/v1/plans", complete))["contents"] == {f: complete[f] for f in fields}


@pytest.mark.pack("linxia")
@pytest.mark.clause("LX-02")
async def test_an_annual_plan_is_filed_at_the_start_of_the_year(bench: Bench) -> None:
    """Filed on 31 January an annual plan is in time, on 1 February it is late; outside it only listed grounds pass."""
    county = bench.county
    market = county.agency("market")
    wide = planning.item(county, market, industries="")
    made = [
        await planning.approved(county, await planning.draft(county, market, [wide], kind="annual")) for _ in range(2)
    ]
    shown = []
    for day, one in zip(("2026-01-31", "2026-02-01"), made, strict=True):
        await county.callers.set_clock(at(day))
        answer = await planning.filed(county, one)
        shown.append((answer["office"], answer["filing_due"], answer["late"]))
    assert shown == [("justice", "2026-01-31", False), ("justice", "2026-01-31", True)]

    planner = await county.planner(market)
    [target] = planning.enterprises(county, 1)
    body = task(market, target, [wide], origin="triggered", source_record=SOURCE)
    why = await planning.refused(planner, "/v1/tasks", body | {"ground": "media_exposure"})
    assert why["plan.no_ground"]["clause"] == "LX-02"
    assert (await planning.tasked(county, body | {"ground": "work_safety"}))["ground"] == "work_safety"


@pytest.mark.pack("quzhou")
@pytest.mark.clause("QZ-05")
async def test_a_plan_carries_nothing_before_approval_and_publication(bench: Bench) -> None:
    """Neither tasks nor draws come of a draft or of a plan that is approved but not published."""
    county = bench.county
    market = county.agency("market")
    special = planning.item(county, market, special_industry="true")
    made = await planning.draft(county, market, [special])
    planner, head = await county.planner(market), await county.head(market)
    [target] = planning.enterprises(county, 1)
    path = f"/v1/plans/{made['plan_id']}"

    async def carries_nothing(code: str) -> None:
        for asked, body in (
            ("/v1/tasks", planning.planned(made, target)),
            ("/v1/draws", planning.drawing(made, [special])),
        ):
            why = await planning.refused(planner, asked, body)
            assert why.keys() == {code}
            assert why[code]["clause"] == "QZ-05"
        assert await planning.tasks(county, agency_id=market) == []
        public = await county.callers.public.pages("scheduling", "/v1/public/plans", area=county.area)
        assert made["plan_id"] not in {one["plan_id"] for one in public}

    await carries_nothing("plan.not_approved")
    assert "plan.not_approved" in await planning.refused(planner, f"{path}/publish")
    assert (await planner.send("POST", "scheduling", f"{path}/approve")).status == 403
    conference = await county.conference()
    wrong = await planning.refused(conference, f"{path}/approve", {"resolution": "联席会议〔2025〕4号"})
    assert wrong["plan.wrong_approver"]["clause"] == "QZ-05"
    assert not bench.events.of(PlanApproved)

    assert (await head.post("scheduling", f"{path}/approve"))["state"] == "approved"
    await carries_nothing("plan.not_published")
    assert not bench.events.of(DrawHeld)
    assert len(await planning.evidence(bench.events, market, 6)) == 6

    await planner.post("scheduling", f"{path}/publish")
    public = await county.callers.public.pages("scheduling", "/v1/public/plans", area=county.area)
    assert made["plan_id"] in {one["plan_id"] for one in public}
    assert (await planning.tasked(county, planning.planned(made, target)))["plan_id"] == made["plan_id"]


@pytest.mark.pack("quzhou")
@pytest.mark.clause("QZ-05")
async def test_a_published_plan_changes_only_by_an_approved_version(bench: Bench) -> None:
    """A new version carries no task before its approval and publication; the old one none after; both stay public."""
    county = bench.county
    market = county.agency("market")
    first_item, second_item = planning.items(county, market, special_industry="true")[:2]
    made = await planning.published(county, market, [first_item])
    planner = await county.planner(market)
    targets = planning.enterprises(county, 2)
    old = await planning.tasked(county, planning.planned(made, targets[0]))

    body = plan(market, "2026年涉企检查计划（调整）", [second_item], period_to="2026-12-31", reason="上级部署调整事项")
    draft = await planner.post("scheduling", f"/v1/plans/{made['plan_id']}/versions", body)
    on_draft = planning.planned(draft, targets[1])
    assert (await planning.refused(planner, "/v1/tasks", on_draft)).keys() == {"plan.not_approved"}
    await approving.approve(county, draft["plan_id"], market)
    assert (await planning.refused(planner, "/v1/tasks", on_draft)).keys() == {"plan.not_published"}
    await planner.post("scheduling", f"/v1/plans/{draft['plan_id']}/publish")
    why = await planning.refused(planner, "/v1/tasks", planning.planned(made, targets[1]))
    assert why.keys() == {"plan.superseded"}
    assert (await planning.tasked(county, on_draft))["plan_id"] == draft["plan_id"]
    assert (await planner.get("scheduling", f"/v1/tasks/{old['task_id']}"))["plan_id"] == made["plan_id"]

    public = county.callers.public
    shown = await public.get("scheduling", f"/v1/public/plans/{made['plan_id']}/versions")
    assert [(one["edition"], one["state"], one["item_ids"], one["change_reason"]) for one in shown] == [
        (1, "superseded", [first_item], None),
        (2, "published", [second_item], "上级部署调整事项"),
    ]
    await bench.events.wait_for(PlanPublished, lambda e: e.supersedes == made["plan_id"])


@pytest.mark.pack("linxia")
@pytest.mark.clause("LX-01")
async def test_a_plan_passes_its_levels_and_nobody_his_own(bench: Bench) -> None:
    """No level is skipped, none taken by the author or twice by one person, by whichever account; then tasks start."""
    county = bench.county
    market = county.agency("market")
    author, other = (row["officer_id"] for row in county.officers_of(market)[:2])

    async def account(roles: str, name: str, officer_id: str) -> Caller:
        return await county.callers.of(roles, name=name, agency_id=market, area=county.area, officer_id=officer_id)

    special = planning.item(county, market, special_industry="true")
    drafting = await account("planner", "account-1", author)
    body = plan(market, "2026年检查计划", [special], kind="annual", period_to="2026-12-31")
    made = await drafting.post("scheduling", "/v1/plans", body)
    path, step = f"/v1/plans/{made['plan_id']}", {"step": "unit_leader", "remark": "同意"}
    wanted = planning.planned(made, planning.enterprises(county, 1)[0])

    async def only(caller: Caller, deed: str, code: str, sent: Any = None) -> None:
        why = await planning.refused(caller, f"{path}/{deed}", sent)
        assert why.keys() == {code}
        assert why[code]["clause"] == "LX-01"
        kept = await planning.refused(await county.planner(market), "/v1/tasks", wanted)
        assert kept["plan.not_approved"]["clause"] == "LX-01"

    head = await county.head(market)
    await only(head, "approve", "plan.no_unit_leader")
    await only(head, "steps", "plan.wrong_approver", step)
    await only(await account("planner", "account-2", author), "steps", "plan.self_approval", step)
    await only(await account("head", "account-3", author), "approve", "plan.self_approval")
    await (await account("planner", "account-4", other)).post("scheduling", f"{path}/steps", step)
    await only(await account("head", "account-5", other), "approve", "plan.same_person")
    fire = await county.head(county.agency("fire"))
    assert (await fire.send("POST", "scheduling", f"{path}/approve")).status == 403
    assert not bench.events.of(PlanApproved)

    assert (await head.post("scheduling", f"{path}/approve", {"remark": "同意"}))["state"] == "approved"
    shown = (await head.get("scheduling", path))["approvals"]
    assert [(one["step"], one["remark"], one["decision"]) for one in shown] == [
        ("unit_leader", "同意", "passed"),
        ("head", "同意", "passed"),
    ]
    assert all(
        datetime.fromisoformat(one["at"]).astimezone(SHANGHAI).date().isoformat() == "2025-12-22" for one in shown
    )
    assert shown[0]["person"] == other
    assert (await planning.tasked(county, wanted))["plan_id"] == made["plan_id"]


@pytest.mark.pack("quzhou")
@pytest.mark.clause("QZ-08")
async def test_a_special_campaign_lacks_no_step_and_stays_within_the_number(bench: Bench) -> None:
    """Each step that a campaign lacks is refused by name, and so is the campaign beyond the year's number."""
    county = bench.county
    market = county.agency("market")
    special = planning.item(county, market, special_industry="true")
    planner = await county.planner(market)
    limit = await planning.rule(county, "campaign.max_per_year")
    steps = await planning.rule(county, "campaign.steps")
    assert steps == ["legal_review", "collective_discussion", "government_approval", "publication"]
    [target] = planning.enterprises(county, 1)

    async def campaign() -> planning.Json:
        body = plan(market, "燃气安全专项检查", [special], kind="campaign", period_to="2026-12-31")
        return dict(await planner.post("scheduling", "/v1/plans", body))

    bare = task(market, target, [special], origin="campaign")
    why = await planning.refused(planner, "/v1/tasks", bare)
    assert why["campaign.no_plan"]["clause"] == "QZ-08"
    made = await campaign()
    wanted = bare | {"plan_id": made["plan_id"]}
    path = f"/v1/plans/{made['plan_id']}"
    conference, document = await county.conference(), {"document": "县政府批复〔2025〕31号"}
    for passed, step in enumerate(steps):
        missing = {f"campaign.no_{one}" for one in steps[passed:]}
        why = await planning.refused(planner, "/v1/tasks", wanted)
        assert why.keys() == missing
        assert {one["clause"] for one in why.values()} == {"QZ-08"}
        assert len({one["message"] for one in why.values()}) == len(missing)
        if step == "publication":
            break
        published = await planning.refused(planner, f"{path}/publish")
        assert published.keys() == missing - {"campaign.no_publication"}
        if step != "government_approval":
            early = await planning.refused(conference, f"{path}/approve", document)
            assert early.keys() == missing - {"campaign.no_publication", "campaign.no_government_approval"}
        await approving.pass_step(county, made["plan_id"], market, step)
    await planner.post("scheduling", f"{path}/publish")
    assert (await planning.tasked(county, wanted))["plan_id"] == made["plan_id"]

    beyond = [await campaign() for _ in range(limit)]
    for one in beyond[:-1]:
        await approving.approve(county, one["plan_id"], market)
    last = beyond[-1]["plan_id"]
    for step in ("legal_review", "collective_discussion"):
        await approving.pass_step(county, last, market, step)
    why = await planning.refused(conference, f"/v1/plans/{last}/approve", document)
    assert why["campaign.number_exceeded"]["clause"] == "QZ-08"
    body = plan(market, "又一次专项检查", [special], kind="campaign")
    assert "campaign.number_exceeded" in await planning.refused(planner, "/v1/plans", body)
    assert len(bench.events.of(PlanApproved)) == limit


@pytest.mark.pack("cangxian")
@pytest.mark.clause("CX-01")
async def test_plans_need_a_resolution_of_the_conference(bench: Bench) -> None:
    """Agenda and minutes are generated; plans pass only by a resolution of a meeting; extra meetings are possible."""
    county = bench.county
    market, fire = county.agency("market"), county.agency("fire")
    plans = [await planning.draft(county, agency, [planning.item(county, agency)]) for agency in (market, fire)]
    path = f"/v1/plans/{plans[0]['plan_id']}/approve"
    office = await county.conference()
    assert "plan.wrong_approver" in await planning.refused(await county.head(market), path)
    for body in (None, {"resolution": "从未作出的决议〔2025〕9号"}):
        why = await planning.refused(office, path, body)
        assert why["plan.no_resolution"]["clause"] == "CX-01"

    regular = {"area": county.area, "day": "2025-12-22"}
    meeting = await office.post("scheduling", "/v1/meetings", regular)
    waiting = [one["plan_id"] for one in meeting["agenda"]["entries"] if one["kind"] == "plan"]
    assert waiting == [one["plan_id"] for one in plans]
    kinds = [one["kind"] for one in meeting["agenda"]["entries"]]
    assert kinds == ["plan", "plan", "non_random_items", "report"]
    assert meeting["agenda"]["headings"] == await planning.rule(county, "conference.agenda")
    members = (await office.get("scheduling", "/v1/conference", params={"area": county.area}))["members"]
    assert {market, fire} <= {one["agency_id"] for one in members}
    conveners = await planning.rule(county, "conference.conveners")
    here = f"/v1/meetings/{meeting['meeting_id']}"
    held = {"held_on": "2025-12-22", "presided_by": conveners[0], "attendees": [market, fire]}
    await office.post("scheduling", f"{here}/hold", held)
    resolution = {"number": "沧联〔2025〕4-1号", "subject": "plans", "text": "原则同意市场监管局计划"}
    await office.post("scheduling", f"{here}/resolutions", resolution | {"plan_ids": [plans[0]["plan_id"]]})
    approved = await office.get("scheduling", f"/v1/plans/{plans[0]['plan_id']}")
    assert (approved["state"], approved["resolution"]) == ("approved", "沧联〔2025〕4-1号")
    await office.post("scheduling", f"{here}/close", {"summary": "请办公室呈报"})

    assert "conference.no_reason" in await planning.refused(office, "/v1/meetings", regular | {"kind": "extra"})
    extra = await approving.met(county, fire)
    assert (extra["kind"], extra["reason"] is not None) == ("extra", True)
    await approving.resolve(county, extra, "同意消防计划", plan_ids=[plans[1]["plan_id"]])
    assert (await office.get("scheduling", f"/v1/plans/{plans[1]['plan_id']}"))["state"] == "approved"

    minutes = await office.get("scheduling", f"{here}/minutes")
    assert [one["number"] for one in minutes["resolutions"]] == ["沧联〔2025〕4-1号"]
    assert minutes["reports_to"] == await planning.rule(county, "conference.reports_to")
    page = await office.send("GET", "scheduling", f"{here}/minutes.html")
    assert page.status == 200
    for text in ("联席会议纪要", conveners[0], "原则同意市场监管局计划", "请办公室呈报"):
        assert text in page.body
    event = await bench.events.wait_for(ConferenceHeld)
    assert (event.kind, event.resolutions, event.held_on.isoformat()) == ("regular", 1, "2025-12-22")


@pytest.mark.pack("cangxian")
@pytest.mark.clause("CX-01")
async def test_a_quarter_without_the_conference_is_an_alert(bench: Bench) -> None:
    """The quarter that went by without its meeting becomes an alert, once."""
    county = bench.county
    for day in ("2025-12-22", "2026-04-01", "2026-04-02"):
        await county.callers.set_clock(at(day))
    [alert] = await alerts(county, "conference_overdue")
    assert (alert["clause"], alert["area"], alert["state"]) == ("CX-01", county.area, "open")


async def alerts(county: County, kind: str, **wanted: Any) -> list[planning.Json]:
    """Supervision's alerts of a kind; waits until there is one."""
    supervisor = await county.supervisor()

    async def raised() -> list[planning.Json] | None:
        found = [one for one in await supervisor.pages("supervision", "/v1/alerts") if one["kind"] == kind]
        return [one for one in found if wanted.items() <= one.items()] or None

    return await until(f"alert {kind}", raised, seconds=planning.SECONDS)


@pytest.mark.pack("cangxian")
@pytest.mark.clause("CX-02")
async def test_a_late_random_plan_is_an_alert_and_plans_are_evaluated_per_quarter(bench: Bench) -> None:
    """After January a missing plan is an alert that its late filing ends, itself an alert; figures come per quarter."""
    county = bench.county
    market, fire = county.agency("market"), county.agency("fire")
    await county.callers.set_clock(at("2025-12-22"))
    plans = [
        await planning.published(
            county, agency, [planning.item(county, agency, special_industry="true")], kind="annual"
        )
        for agency in (market, fire)
    ]
    together, alone, later = planning.enterprises(county, 3)
    for made in plans:
        await planning.tasked(county, planning.planned(made, together))
    await planning.tasked(county, planning.planned(plans[0], alone))
    second_quarter = {"earliest": "2026-04-01", "latest": "2026-04-30"}
    await planning.tasked(county, planning.planned(plans[0], later, **second_quarter))
    await planning.merged(county)
    [visit] = await acts.visits_of(county, together)
    head = await county.head(visit["lead_agency_id"])
    visit = await head.post("scheduling", f"/v1/visits/{visit['visit_id']}/approve")
    await acts.known_at_the_door(county, visit["code"]["token"])
    await county.callers.set_clock(at(visit["day"]))
    await acts.visited(acts.stage_of(county), visit)

    await county.callers.set_clock(at("2026-02-02"))
    [overdue] = await alerts(county, "plan_overdue", clause="CX-02")
    assert (overdue["agency_id"], overdue["state"]) == (market, "open")
    assert (await planning.filed(county, plans[0]))["late"] is True
    [late] = await alerts(county, "plan_filed_late")
    assert late["agency_id"] == market
    [settled] = await alerts(county, "plan_overdue", clause="CX-02", state="cleared")
    assert settled["alert_id"] == overdue["alert_id"]

    await county.callers.set_clock(at("2026-07-01"))
    query = {"area": county.area, "year": "2026"}
    found = await (await county.conference()).get("scheduling", "/v1/plans/evaluation", params=query)
    assert [one["period"] for one in found["periods"]] == ["2026Q1", "2026Q2", "2026Q3", "2026Q4"]
    told = ("planned", "done", "on_time", "lapsed", "visits", "joint_permille", "visits_saved")
    assert [[one[name] for name in told] for one in found["periods"][:2]] == [
        [3, 2, 2, 1, 1, 1000, 1],
        [1, 0, 0, 1, 0, 0, 0],
    ]


@pytest.mark.pack("cangxian")
@pytest.mark.clause("CX-05")
async def test_quarterly_plans_are_filed_in_the_last_two_weeks_of_the_quarter(bench: Bench) -> None:
    """Missing contents are named; before the window a filing is refused, after it late; completion goes with it."""
    county = bench.county
    market, fire = county.agency("market"), county.agency("fire")
    planner = await county.planner(market)
    wide = planning.item(county, market)
    quarter = {"period_from": "2026-04-01", "period_to": "2026-06-30", "kind": "quarterly"}
    complete = plan(market, "2026年第二季度检查计划", [wide], **quarter)
    fields = await planning.rule(county, "plan.mandatory_fields")
    for field in fields:
        why = await planning.refused(planner, "/v1/plans", complete | {field: None})
        assert why["plan.field_missing"]["clause"] == "CX-05"
    names = [
        one["message"]
        for one in (await planner.refusal("scheduling", "/v1/plans", complete | dict.fromkeys(fields)))["refusals"]
    ]
    assert len(set(names)) == len(fields) == 4

    drafts = [
        await planning.draft(county, agency, [planning.item(county, agency)], **quarter) for agency in (market, fire)
    ]
    plans = [await planning.approved(county, one) for one in drafts]
    path = f"/v1/plans/{plans[0]['plan_id']}/file"
    await county.callers.set_clock(at("2026-03-17"))
    why = await planning.refused(planner, path)
    assert why["plan.filing_too_early"]["clause"] == "CX-05"
    await county.callers.set_clock(at("2026-03-18"))
    filed = await planning.filed(county, plans[0])
    assert (filed["office"], filed["filing_due"], filed["late"]) == ("development", "2026-03-31", False)
    [filing] = (await planner.get("scheduling", f"/v1/plans/{plans[0]['plan_id']}"))["filings"]
    assert filing["completion"]["period"] == "2026Q1"
    random = next(row["random_list"] == "true" for row in county.table("items") if row["item_id"] == wide)
    assert filing["through"] == ("market" if random else "justice")
    decisions = f"/v1/plans/{plans[0]['plan_id']}/filing-decisions"
    office, checked = await county.conference(), {"decision": "checked"}
    assert "plan.other_office" in await planning.refused(office, decisions, {"decision": "noted"})
    checker = await county.head(market) if random else await county.supervisor()
    assert (await checker.post("scheduling", decisions, checked))["state"] == "checked"
    assert (await office.post("scheduling", decisions, {"decision": "noted"}))["state"] == "noted"

    await county.callers.set_clock(at("2026-04-01"))
    assert (await planning.filed(county, plans[1]))["late"] is True
    await bench.events.wait_for(PlanFiled, lambda e: e.late)
    assert [(e.agency_id, e.late, e.clause) for e in bench.events.of(PlanFiled)] == [
        (market, False, "CX-05"),
        (fire, True, "CX-05"),
    ]


@pytest.mark.pack("dingtao")
@pytest.mark.clause("DT-11")
async def test_the_justice_department_notes_or_returns_a_plan(bench: Bench) -> None:
    """The office of the pack returns a filing with its reason and notes the next; another body decides nothing."""
    county = bench.county
    market = county.agency("market")
    draft = await planning.draft(county, market, [planning.item(county, market)], kind="annual")
    made = await planning.approved(county, draft)
    await planning.filed(county, made)
    path = f"/v1/plans/{made['plan_id']}"
    justice, health = await county.supervisor(), await county.head(county.agency("health"))
    waiting = await justice.pages("scheduling", "/v1/plan-filings", area=county.area)
    assert [one["plan_id"] for one in waiting] == [made["plan_id"]]
    noted = {"decision": "noted"}
    assert "plan.other_office" in await planning.refused(health, f"{path}/filing-decisions", noted)
    returned = {"decision": "returned", "remark": "检查频次不明确"}
    await justice.post("scheduling", f"{path}/filing-decisions", returned)
    assert (await planning.filed(county, made))["filing_state"] == "filed"
    await justice.post("scheduling", f"{path}/filing-decisions", noted)
    shown = (await justice.get("scheduling", path))["filings"]
    assert [(one["state"], one["remark"]) for one in shown] == [("returned", "检查频次不明确"), ("noted", "")]
