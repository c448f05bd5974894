"""No arbitrary downgrade or exposure, and classes by a list that the conference approves: shown over HTTP."""

from datetime import date, timedelta

import pytest
from tests.conformance import planning
from tests.conformance.conftest import Bench
from tests.conformance.planning import Json

from wurao.common.contracts.registry import ClassListApproved, EnterpriseGraded, GradeAdjusted, GradeObjectionDecided
from wurao.embedded.demo.client import until
from wurao.embedded.demo.county import County, at

YEAR = 2026


async def facts_of(county: County, enterprise_id: str) -> list[str]:
    """The ids of an enterprise's facts that count today."""
    stand = await planning.grade(county, enterprise_id)
    return [fact["fact_id"] for one in stand["indicators"] for fact in one["facts"]]


async def proposal(county: County, enterprise_id: str, **changes: object) -> Json:
    """A downgrade to the worst level, well founded."""
    scheme = await planning.rule(county, "grade.scheme")
    return {
        "kind": "downgrade",
        "level": scheme["levels"][-1],
        "law": "《优化营商环境条例》",
        "article": "第五十三条",
        "facts": (await facts_of(county, enterprise_id))[:1],
        "reason": "多次拒不整改",
        "ends_on": "2026-06-30",
        **changes,
    }


@pytest.mark.pack("linxia")
@pytest.mark.clause("LX-11")
async def test_a_manual_downgrade_without_basis_approver_or_notice_is_refused(bench: Bench) -> None:
    """Without basis, without another's approval, without notice and before its time nothing moves the grade."""
    county = bench.county
    market = county.agency("market")
    [target, neighbour] = await planning.of_grade(county, "medium", 2)
    planner, head = await county.planner(market), await county.head(market)
    enterprise = await county.enterprise(target)
    path = f"/v1/enterprises/{target}/adjustments"
    sound = await proposal(county, target)
    for changes, code in (
        ({"law": "", "article": ""}, "adjustment.no_basis"),
        ({"facts": []}, "adjustment.no_facts"),
        ({"facts": (await facts_of(county, neighbour))[:1]}, "adjustment.unknown_facts"),
        ({"level": "worst"}, "adjustment.unknown_level"),
        ({"kind": "exposure", "level": None, "law": ""}, "adjustment.no_basis"),
    ):
        why = await planning.refused(planner, path, sound | changes, service="registry")
        assert why[code]["clause"] == "LX-11"

    row = await planner.post("registry", path, sound)
    own = f"/v1/adjustments/{row['adjustment_id']}"
    notice = {"served_on": "2025-12-22", "served_how": "直接送达法定代表人"}
    why = await planning.refused(planner, f"{own}/notice", notice, service="registry")
    assert why["adjustment.not_approved"]["clause"] == "LX-11"
    assert (await planner.send("POST", "registry", f"{own}/approve")).status == 403
    await head.post("registry", f"{own}/approve")
    why = await planning.refused(planner, f"{own}/enforce", service="registry")
    assert why["adjustment.not_noticed"]["clause"] == "LX-11"
    assert await enterprise.pages("registry", path) == []
    served = await planner.post("registry", f"{own}/notice", notice)
    why = await planning.refused(planner, f"{own}/enforce", service="registry")
    assert served["objection_until"] in why["adjustment.objection_period"]["alternatives"][0]
    assert (await planning.grade(county, target))["grade"] == "medium"

    day = date.fromisoformat(served["objection_until"]) + timedelta(days=1)
    await county.callers.set_clock(at(day.isoformat()))
    stand = await planning.grade(county, target)
    assert (stand["grade"], stand["in_force_from"]) == ("poor", day.isoformat())
    assert any("第五十三条" in reason and "异议" in reason for reason in stand["reasons"])
    event = await bench.events.wait_for(GradeAdjusted, lambda e: e.state == "in_force")
    assert (event.clause, event.law) == ("LX-11", "《优化营商环境条例》")


@pytest.mark.pack("linxia")
@pytest.mark.clause("LX-11")
async def test_the_enterprise_objects_and_an_unfounded_exposure_falls(bench: Bench) -> None:
    """Told of an exposure, the enterprise objects: nothing is shown, an outsider decides, and it is lifted."""
    county = bench.county
    market = county.agency("market")
    [target] = planning.enterprises(county, 1)
    await planning.recorded(county, target, "penalties_24m", 1)
    planner, head = await county.planner(market), await county.head(market)
    enterprise, supervisor = await county.enterprise(target), await county.supervisor()
    wish = await proposal(county, target, kind="exposure", level=None)
    row = await planner.post("registry", f"/v1/enterprises/{target}/adjustments", wish)
    own = f"/v1/adjustments/{row['adjustment_id']}"
    await head.post("registry", f"{own}/approve")
    await planner.post("registry", f"{own}/notice", {"served_on": "2025-12-22", "served_how": "邮寄送达"})

    [told] = await enterprise.pages("registry", f"/v1/enterprises/{target}/adjustments")
    assert told["state"] == "noticed"
    body = {"against": "adjustment", "target_id": row["adjustment_id"], "reason": "事实不清", "materials": ["说明"]}
    filed = await enterprise.post("registry", f"/v1/enterprises/{target}/objections", body)
    await county.callers.set_clock(at(filed["due_on"]))
    why = await planning.refused(planner, f"{own}/enforce", service="registry")
    assert why["adjustment.objected"]["clause"] == "LX-11"
    public = {"area": county.area}
    assert await county.callers.public.pages("registry", "/v1/public/exposures", **public) == []

    decide = f"/v1/objections/{filed['objection_id']}/decide"
    verdict = {"upheld": True, "reason": "证据不足"}
    why = await planning.refused(head, decide, verdict, service="registry")
    assert why["objection.own_act"]["clause"] == "LX-11"
    await supervisor.post("registry", decide, verdict)
    assert (await enterprise.get("registry", own))["state"] == "lifted"
    assert (await bench.events.wait_for(GradeObjectionDecided)).upheld
    assert await county.callers.public.pages("registry", "/v1/public/exposures", **public) == []


async def stands(county: County, ids: list[str]) -> dict[str, tuple[str, str]]:
    """Class in force and since when, by enterprise."""
    found = {one: await planning.grade(county, one) for one in ids}
    return {one: (stand["grade"], stand["in_force_from"]) for one, stand in found.items()}


@pytest.mark.pack("cangxian")
@pytest.mark.clause("CX-13")
async def test_a_class_list_takes_effect_only_when_approved_and_from_1_january(bench: Bench) -> None:
    """Neither facts nor a proposed list move a class; approved in December it acts on 1 January, not a day before."""
    county = bench.county
    targets = planning.enterprises(county, 6)
    before = await stands(county, targets)
    await planning.recorded(county, targets[0], "serious_breach", 1)
    assert (await planning.grade(county, targets[0]))["assessed"] == "C"
    listed = await county.proposed_list(YEAR)
    assert (listed["state"], listed["total"]) == ("proposed", len(county.table("enterprises")))
    assert sum(listed["changes"].values()) == int(before[targets[0]][0] != "C")
    assert await stands(county, targets) == before

    market = county.agency("market")
    path, resolution = f"/v1/class-lists/{listed['list_id']}/approve", {"resolution": "联席会议审定纪要"}
    for caller in (await county.planner(market), await county.head(market), await county.supervisor()):
        why = await planning.refused(caller, path, resolution, service="registry")
        assert why["class_list.other_body"]["clause"] == "CX-13"
    assert await stands(county, targets) == before
    wide = planning.item(county, market, industries="")
    made = await planning.published(county, market, [wide])
    ratios = {level: one["sampling_permille"] for level, one in (await planning.rule(county, "grade.measures")).items()}
    sampled = await planning.ratios(county, made, [wide], set())

    approved = await county.approved_list(listed["list_id"])
    assert (approved["in_force_from"], approved["announced"]) == ("2026-01-01", True)
    event = await bench.events.wait_for(ClassListApproved, lambda e: e.year == YEAR)
    assert (event.clause, event.digest) == ("CX-13", listed["digest"])
    announced = await bench.events.wait_for(
        EnterpriseGraded, lambda e: e.enterprise_id == targets[0] and e.in_force_from == date(YEAR, 1, 1)
    )
    assert announced.grade == "C"
    for day in ("2025-12-22", "2025-12-31"):
        await county.callers.set_clock(at(day, "23:50"))
        assert await stands(county, targets) == before
        assert await planning.ratios(county, made, [wide], set()) == sampled

    await county.callers.set_clock(at("2026-01-01", "00:05"))
    now = await stands(county, targets)
    assert now == {one: ("C" if one == targets[0] else grade, "2026-01-01") for one, (grade, _) in before.items()}

    async def drawn() -> bool:
        found = await planning.ratios(county, made, [wide], {"C"})
        return bool(found["C"] == ratios["C"])

    await until("scheduling follows the new class", drawn)


@pytest.mark.pack("cangxian")
@pytest.mark.clause("CX-13")
async def test_a_year_s_list_is_approved_in_december_only(bench: Bench) -> None:
    """Outside December the conference is refused with the next lawful days; a second list of a year, too."""
    county = bench.county
    conference = await county.conference()
    resolution = {"resolution": "联席会议审定纪要"}
    own = await conference.post("registry", "/v1/class-lists", {"area": county.area, "year": YEAR})
    await county.job_done(conference, "registry", own["job"]["job_id"])
    path = f"/v1/class-lists/{own['class_list']['list_id']}/approve"
    why = await planning.refused(conference, path, resolution, service="registry")
    assert why["class_list.own_proposal"]["clause"] == "CX-13"

    await county.callers.set_clock(at("2026-02-03"))
    late = await planning.refused(conference, path, resolution, service="registry")
    assert "2026-12-01" in late["class_list.too_late"]["alternatives"][0]
    listed = await county.proposed_list(YEAR + 1)
    path = f"/v1/class-lists/{listed['list_id']}/approve"
    early = await planning.refused(conference, path, resolution, service="registry")
    assert "2026-12-01" in early["class_list.wrong_month"]["alternatives"][0]
    assert early["class_list.wrong_month"]["clause"] == "CX-13"
    await county.callers.set_clock(at("2026-12-01"))
    assert (await county.approved_list(listed["list_id"]))["in_force_from"] == "2027-01-01"
    supervisor = await county.supervisor()
    again = {"area": county.area, "year": YEAR + 1}
    why = await planning.refused(supervisor, "/v1/class-lists", again, service="registry")
    assert why["class_list.approved_already"]["clause"] == "CX-13"
