"""Packs over HTTP: what the five documents say is what anybody reads, and one YAML makes a sixth jurisdiction."""

from typing import Any

import pytest
from tests.conformance import planning
from tests.conformance.conftest import Bench

from wurao.common.contracts.registry import PackActivated
from wurao.embedded.demo.client import until
from wurao.embedded.demo.county import County, at

# Place, parameter, value as documented, clause.
DOCUMENTED: tuple[tuple[str, str, Any, str], ...] = (
    ("yongzhou", "grounds.entry_without_scan", ["emergency", "national_security", "public_safety"], "YZ-01"),
    ("yongzhou", "plan.joint_copy_to", "market", "YZ-04"),
    ("yongzhou", "area.county_first", True, "YZ-05"),
    ("yongzhou", "penalty.list_kinds", {"exempt", "lighter", "mitigated"}, "YZ-12"),
    ("yongzhou", "sanction.leader_suspended_first", True, "YZ-21"),
    ("yongzhou", "tolerance.decided_by", ["discipline_inspection", "justice"], "YZ-22"),
    ("dingtao", "plan.filing_office", "justice", "DT-11"),
    ("dingtao", "publicity.contents", ["agency", "basis", "procedure", "remedies"], "DT-03"),
    ("dingtao", "penalty.list_kinds", {"exempt", "lighter"}, "DT-07"),
    ("dingtao", "complaint.report_to", "justice", "DT-14"),
    ("dingtao", "lead.recipients", ["discipline_inspection", "procuratorate", "organisation_department"], "DT-17"),
    ("linxia", "plan.mandatory_fields", ["basis", "content", "targets", "frequency", "method", "time"], "LX-02"),
    ("linxia", "entry.min_officers", 2, "LX-03"),
    ("linxia", "off_site.first", True, "LX-09"),
    ("linxia", "questionnaire.every_months", 6, "LX-17"),
    ("linxia", "benchmark.set_by", ["prefecture"], "LX-04"),
    ("quzhou", "target.joint_inspection", {"permille": 800, "by_year": 2027}, "QZ-01"),
    ("quzhou", "cap.on_site_per_year", 2, "QZ-16"),
    ("quzhou", "filing.makeup_working_days", 1, "QZ-10"),
    (
        "quzhou",
        "campaign.steps",
        ["legal_review", "collective_discussion", "government_approval", "publication"],
        "QZ-08",
    ),
    ("quzhou", "officer.min_share_legal_reviewers_permille", 50, "QZ-21"),
    ("quzhou", "statistics.due", {"month": 1, "day": 31}, "QZ-19"),
    ("quzhou", "penalty.list_kinds", {"exempt", "may_waive", "mitigated", "lighter", "heavier"}, "QZ-26"),
    ("cangxian", "target.joint_inspection", {"permille": 500, "growth_permille": 200, "from_year": 2025}, "CX-04"),
    ("cangxian", "filing.after_the_fact", False, "CX-06"),
    ("cangxian", "callback.days", 5, "CX-09"),
    ("cangxian", "grade.approved_month", 12, "CX-13"),
    ("cangxian", "level.acceptance_visits", 1, "CX-15"),
    ("cangxian", "cap.non_random_reduction", {"high_frequency_permille": 200, "other_permille": 100}, "CX-16"),
    ("cangxian", "report.quarterly_due_day", 15, "CX-17"),
)
AREAS = {"yongzhou": "431100", "dingtao": "371703", "linxia": "622900", "quzhou": "330800", "cangxian": "130921"}

SIXTH = """\
pack: sixth
title: 第六县
area: "{area}"
inherits: national
source: {{id: SX, number: 第六县〔2025〕1号, from: 2025-06-01}}
parameters:
  cap.on_site_per_year:
    unit: visits/year
    values:
      - {{value: 1, from: 2025-06-01, clause: SX-01, cite: 第六县〔2025〕1号 第一条}}
  grade.scheme:
    unit: scheme
    values:
      - from: 2025-06-01
        clause: SX-02
        cite: 第六县〔2025〕1号 第二条
        value:
          name: 第六县信用等级
          levels: [green, red]
          labels: {{green: 绿牌, red: 红牌}}
          base: 10000
          cutoffs: [6000]
          factors: {{lawful_operation: 合法经营}}
          indicators:
            - {{indicator: penalties_24m, factor: lawful_operation, points: -5000, lo: 0, hi: 1}}
          hard_rules: []
  grade.measures:
    unit: measures
    values:
      - from: 2025-06-01
        clause: SX-02
        cite: 第六县〔2025〕1号 第二条
        value:
          green: {{sampling_permille: 20, yearly_cap: 1, measures: [非现场检查为主]}}
          red: {{sampling_permille: 300, yearly_cap: null, measures: [重点检查]}}
"""


async def enacted(county: County, pack: str, area: str, since: str) -> None:
    """Let a platform propose a pack for an area and the area's supervision body approve it."""
    platform = await county.callers.of("platform", name=f"platform-{area}", area=area)
    supervisor = await county.callers.of("supervisor", name=f"supervisor-{area}", area=area)
    wish = {"pack": pack, "area": area, "effective_from": since, "reason": "政府决定施行"}
    proposed = await platform.post("registry", "/v1/packs/activations", wish)
    await supervisor.post("registry", f"/v1/packs/activations/{proposed['activation_id']}/approve", {})


def shown(value: Any, documented: Any) -> Any:
    """The part of a value that the document states: some keys of a mapping, or its keys alone."""
    if isinstance(documented, set):
        return set(value)
    if isinstance(documented, dict):
        return {key: value[key] for key in documented}
    return value


@pytest.mark.pack("quzhou")
async def test_each_place_reads_the_figures_of_its_document(bench: Bench) -> None:
    """Five packs in force side by side: each place's own figure with its clause and citation, without a login."""
    county = bench.county
    rules: dict[str, dict[str, Any]] = {}
    for pack, area in AREAS.items():
        await enacted(county, pack, area, "2025-12-22")
        query = {"area": area, "on": "2026-01-05"}
        found = await county.callers.public.get("registry", "/v1/packs/effective", params=query)
        rules[pack] = {rule["name"]: rule for rule in found}
    said = [
        (pack, name, shown(rules[pack][name]["value"], documented), rules[pack][name]["clause"])
        for pack, name, documented, _ in DOCUMENTED
    ]
    assert said == [tuple(line) for line in DOCUMENTED]
    assert rules["quzhou"]["filing.makeup_working_days"]["said"] == "1 个工作日"
    assert all(rule["label"] and rule["said"] and rule["cite"] for each in rules.values() for rule in each.values())


@pytest.mark.pack("quzhou")
async def test_one_yaml_makes_a_sixth_jurisdiction(bench: Bench) -> None:
    """A pack written as one text, uploaded and approved, grades by its own levels and refuses by its own clause.

    A pack that follows takes over on its day and not before, in every service.
    """
    county = bench.county
    platform = await county.platform()
    text, headers = SIXTH.format(area=county.area).encode(), {"Content-Type": "application/yaml"}
    faulty = await platform.send(
        "POST", "registry", "/v1/packs", content=text.replace(b"clause: SX-01, ", b""), headers=headers
    )
    assert (faulty.status, faulty.body["fields"][0]["code"]) == (422, "line_10")
    await platform.post("registry", "/v1/packs", content=text, headers=headers)
    await enacted(county, "sixth", county.area, "2025-12-22")
    await bench.events.wait_for(PackActivated, lambda event: event.pack == "sixth")

    assert (await county.grade())["grades"].keys() == {"green", "red"}
    [target] = await planning.of_grade(county, "green")
    await planning.recorded(county, target, "penalties_24m", 1)
    stand = await planning.grade(county, target)
    assert (stand["grade"], stand["clause"], stand["sampling_permille"]) == ("red", "SX-02", 300)

    fire = county.agency("fire")
    made = await planning.published(county, fire, [planning.item(county, fire, special_industry="true")])
    planner = await county.planner(fire)
    await planning.tasked(county, planning.planned(made, target, earliest="2026-03-02", latest="2026-03-20"))
    wish = {"requests": [planning.planned(made, target, earliest="2026-04-02", latest="2026-04-20")]}

    async def clause() -> str | None:
        [verdict] = (await planner.post("scheduling", "/v1/preflight", wish))["verdicts"]
        return next((why["clause"] for why in verdict["refusals"] if why["code"] == "cap.on_site_full"), None)

    assert await clause() == "SX-01"
    await enacted(county, "quzhou", county.area, "2026-02-02")
    await bench.events.wait_for(PackActivated, lambda event: event.effective_from.isoformat() == "2026-02-02")
    assert await clause() == "SX-01"
    await county.callers.set_clock(at("2026-02-02"))

    async def taken_over() -> bool:
        return await clause() is None

    await until("the pack that follows takes over on its day", taken_over, seconds=planning.SECONDS)
