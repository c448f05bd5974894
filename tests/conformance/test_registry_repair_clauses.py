"""Credit repair from published rules to the regrade: duties of the registry, shown over HTTP (LX-12)."""

from datetime import date, timedelta
from typing import Any

import pytest
from tests.conformance import casework, planning
from tests.conformance.conftest import Bench
from tests.conformance.planning import Json

from wurao.common.contracts.registry import CreditRepairDecided, EnterpriseGraded, RepairNoticed, RepairOverdue
from wurao.common.contracts.supervision import AlertRaised
from wurao.embedded.demo.client import until
from wurao.embedded.demo.county import County, at

DUTY = {"kind": "duty_proof", "name": "缴款凭证和整改验收意见", "sha256": "a" * 64}
PROMISE = {"kind": "commitment", "name": "信用承诺书", "sha256": "b" * 64}


async def penalised(county: County, enterprise_id: str) -> Json:
    """Penalties of last autumn, established by the market regulator; their shortest display is over."""
    head = await county.head(county.agency("market"))
    fact = {"indicator": "penalties_24m", "value": 5, "source": "临夏市场监管", "occurred_on": "2025-09-01"}
    path = f"/v1/enterprises/{enterprise_id}/facts"
    recorded: Json = await head.post("registry", path, fact | {"evidence": "临夏市监罚〔2025〕77号等五份处罚决定书"})
    return recorded


async def applied(county: County, enterprise_id: str, fact_id: str, *papers: Json) -> Json:
    """An application of the enterprise."""
    caller = await county.enterprise(enterprise_id)
    body = {"fact_id": fact_id, "materials": list(papers)}
    made: Json = await caller.post("registry", f"/v1/enterprises/{enterprise_id}/repairs", body)
    return made


async def displayed(county: County, enterprise_id: str) -> list[Any]:
    """The records that anyone sees of an enterprise."""
    found = await county.callers.public.get("registry", f"/v1/public/enterprises/{enterprise_id}/credit")
    facts: list[Any] = found["facts"]
    return facts


@pytest.mark.pack("linxia")
@pytest.mark.clause("LX-12")
async def test_a_repair_follows_published_rules_and_regrades(bench: Bench) -> None:
    """A lacking paper is returned by name, a complete application is decided in time, and the grade comes back."""
    county = bench.county
    rules = await county.callers.public.get("registry", "/v1/public/repair/rules", params={"area": county.area})
    cited = {one["subject"]: one["clause"] for one in rules["citations"]}
    wanted = ("conditions", "terms", "procedure", "materials", "check_days", "decision_days")
    assert {cited[subject] for subject in wanted} == {"LX-12"}
    assert all(rules[part] for part in ("conditions", "procedure", "materials", "office"))

    [enterprise_id] = await planning.of_grade(county, "excellent")
    recorded = await penalised(county, enterprise_id)
    fact_id = recorded["fact"]["fact_id"]
    assert (recorded["grade"], recorded["changed"]) == ("poor", True)
    before = await displayed(county, enterprise_id)
    assert "临夏市监罚〔2025〕77号等五份处罚决定书" in {fact["record"] for fact in before}

    made = await applied(county, enterprise_id, fact_id, DUTY)
    [lack] = made["lacking"]
    named = {paper["kind"]: paper["name"] for paper in rules["materials"]}
    assert (made["state"], lack["name"]) == ("returned", named["commitment"])
    path = f"/v1/repairs/{made['application_id']}"
    own = await county.enterprise(enterprise_id)
    whole = await own.post("registry", f"{path}/supplement", {"materials": [PROMISE]})
    assert whole["state"] == "submitted"
    market = county.agency("market")
    taken = await (await county.planner(market)).post("registry", f"{path}/check", {"complete": True})
    assert (taken["state"], taken["receipt_no"] != "") == ("accepted", True)
    decision = {"granted": True, "reason": "义务已履行，承诺真实"}
    done = await (await county.head(market)).post("registry", f"{path}/decide", decision)
    assert done["state"] == "granted"
    assert done["decided_at"][:10] <= taken["due"]

    event = await bench.events.wait_for(CreditRepairDecided, lambda e: e.fact_id == fact_id)
    assert (event.granted, event.clause) == (True, "LX-12")
    await bench.events.wait_for(
        EnterpriseGraded,
        lambda e: (e.enterprise_id, e.previous, e.grade) == (enterprise_id, "poor", "excellent"),
    )
    assert (await planning.grade(county, enterprise_id))["grade"] == "excellent"
    after = await displayed(county, enterprise_id)
    assert [fact for fact in before if fact not in after] == [
        fact for fact in before if fact["record"] == "临夏市监罚〔2025〕77号等五份处罚决定书"
    ]


@pytest.mark.pack("linxia")
@pytest.mark.clause("LX-12")
async def test_what_is_late_escalates_and_what_is_early_is_refused(bench: Bench) -> None:
    """An application nobody decides escalates to supervision; one before the shortest display names the first day."""
    county = bench.county
    enterprise_id, other = planning.enterprises(county, 2)
    fact_id = (await penalised(county, enterprise_id))["fact"]["fact_id"]
    made = await applied(county, enterprise_id, fact_id, DUTY, PROMISE)
    market = county.agency("market")
    planner = await county.planner(market)
    taken = await planner.post("registry", f"/v1/repairs/{made['application_id']}/check", {"complete": True})

    await planning.recorded(county, other, "penalties_24m", 1)
    caller = await county.enterprise(other)
    mine = await caller.pages("registry", f"/v1/enterprises/{other}/facts")
    fresh = next(fact for fact in mine if fact["occurred_on"] == "2025-12-20")
    body = {"fact_id": fresh["fact_id"], "materials": [DUTY, PROMISE]}
    why = await planning.refused(caller, f"/v1/enterprises/{other}/repairs", body, service="registry")
    assert why["repair.too_early"]["clause"] == "LX-12"
    assert why["repair.too_early"]["alternatives"] == ["2026-03-21起可以申请"]

    due = date.fromisoformat(taken["due"])
    await county.callers.set_clock(at((due + timedelta(days=1)).isoformat()))
    late = await bench.events.wait_for(
        RepairOverdue, lambda e: e.application_id == made["application_id"], seconds=planning.SECONDS
    )
    assert (late.step, late.due, late.clause, late.agency_id) == ("decision", due, "LX-12", market)
    alert = await bench.events.wait_for(AlertRaised, lambda e: e.kind == "repair_overdue", seconds=planning.SECONDS)
    assert (alert.clause, alert.agency_id, alert.enterprise_id) == ("LX-12", market, enterprise_id)
    head = await county.head(market)
    path = f"/v1/repairs/{made['application_id']}"
    refusal = {"granted": False, "reason": "整改未经验收"}
    decided = await head.post("registry", f"{path}/decide", refusal)
    assert "行政复议" in decided["remedies"]
    supervisor = await county.supervisor()

    async def cleared() -> bool:
        alerts = await supervisor.pages("supervision", "/v1/alerts")
        return any(one["alert_id"] == alert.alert_id and one["state"] == "cleared" for one in alerts)

    await until("the alert is cleared by the decision", cleared, seconds=planning.SECONDS)


@pytest.mark.pack("linxia")
@pytest.mark.clause("LX-12")
async def test_the_notice_of_repair_comes_with_the_decision(bench: Bench) -> None:
    """A case that is decided on the spot has its notice of repair within seconds: class, papers, limits, first day."""
    county = bench.county
    enterprise_id = casework.enterprises(county)[0]
    case = await casework.opened(county, enterprise_id, "food.no_health_certificate", today=date(2025, 12, 22))
    answer = await case.on_the_spot("ordinary", 0, kinds=["warning"])
    assert answer.status == 200, answer.body
    event = await bench.events.wait_for(RepairNoticed, lambda e: e.case_id == case.case_id, seconds=planning.SECONDS)
    assert (event.clause, event.severity, event.shown, event.agency_id) == ("LX-12", "slight", False, case.agency_id)
    party = await case.party()
    notice = await party.get("registry", f"/v1/enterprises/{enterprise_id}/facts/{event.fact_id}/repair-notice")
    assert notice["paragraphs"] == list(event.paragraphs)
    assert "信用承诺书" in "".join(notice["paragraphs"])
    assert event.apply_from == date(2025, 12, 22)
    assert all(event.fact_id != fact.get("fact_id") for fact in await displayed(county, enterprise_id))
    text = (await party.get("penalty", f"{case.path}/document"))["text"]
    assert "信用修复告知书" in text
