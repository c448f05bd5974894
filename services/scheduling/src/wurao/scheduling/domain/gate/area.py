"""Whose area it is (YZ-05, QZ-18)."""

from collections.abc import Iterator

from wurao.common import area as areas
from wurao.common.contracts.shared import Refusal, Way
from wurao.scheduling.domain.gate.question import Facts, TaskRequest, chinese
from wurao.scheduling.domain.policy import Policy, refusal

LEVELS = {"country": "国家", "province": "省级", "prefecture": "市级", "county": "县级", "township": "乡级"}
ABOVE_COUNTY = frozenset({"province", "prefecture"})


def out_of_area(facts: Facts) -> bool:
    """Tell whether the enterprise lies outside the agency's area."""
    agency, enterprise = facts.agency, facts.enterprise
    return agency is not None and enterprise is not None and not areas.covers(agency.area, enterprise.area)


def is_its_own(request: TaskRequest, facts: Facts, policy: Policy) -> Iterator[Refusal]:
    """Inspecting outside one's own area needs the common superior's approval, on record (QZ-18)."""
    rule = policy.area.out_of_area_approval
    if not rule.value or not out_of_area(facts):
        return
    assert facts.agency is not None
    assert facts.enterprise is not None
    until = facts.approved_until
    if until is None:
        superior = areas.common_superior(facts.agency.area, facts.enterprise.area)
        options = [f"报共同上一级（{LEVELS[areas.level(superior)]}，{superior}）行政执法机关批准，登记后填写批准文号"]
        ways = [Way(kind="approval", by=superior)]
        if facts.counterpart is not None:
            options.append(f"委托当地{facts.counterpart.name}协助检查")
            ways.append(Way(kind="hand_over", agency_id=facts.counterpart.agency_id))
        number = (request.superior_approval or "").strip()
        said = f"没有登记批准文号“{number}”" if number else "异地检查须经共同上级批准"
        yield refusal("area.out_of_area", rule, f"检查对象不在本机关管辖区域内，{said}", options, ways)
    elif request.latest > until:
        first = max(request.earliest, facts.today)
        ways = [Way(kind="reschedule", day=first, until=until)] if first <= until else []
        message = f"异地检查的批准至{chinese(until)}为止，检查时限超出"
        yield refusal("area.approval_ends", rule, message, ["在批准的期限内检查", "另行报批"], ways)


def county_comes_first(request: TaskRequest, facts: Facts, policy: Policy) -> Iterator[Refusal]:
    """Within one line the county agency inspects, unless a superior ordered otherwise (YZ-05)."""
    rule, agency, local = policy.area.county_first, facts.agency, facts.counterpart
    if not rule.value or agency is None or local is None or agency.level not in ABOVE_COUNTY:
        return
    ordered = (request.superior_approval or "").strip() or request.claimed == "superior_order"
    if request.on_site and not ordered and not out_of_area(facts):
        yield refusal(
            "area.county_first",
            rule,
            f"该企业由{local.name}负责检查，{LEVELS[agency.level]}机关不重复实施",
            [f"交由{local.name}实施", "上级另有明确规定的，填写批准文号"],
            [Way(kind="hand_over", agency_id=local.agency_id), Way(kind="ground", ground="superior_order")],
        )
