"""The gate, rule by rule and as a whole: what is refused, on which clause, and what would be lawful."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wurao.common.contracts.shared import Refusal
from wurao.common.packs import load_pack
from wurao.scheduling.domain.gate import (
    AgencyFact,
    EnterpriseFact,
    Facts,
    ItemFact,
    JoinFact,
    PlanFact,
    ResultFact,
    TaskFact,
    TaskRequest,
    VisitFact,
    judge,
)
from wurao.scheduling.domain.gate.cap import counter_of
from wurao.scheduling.domain.policy import Policy

TODAY = date(2026, 3, 2)
PACKS = ("national", "yongzhou", "dingtao", "linxia", "quzhou", "cangxian")
POLICIES = {name: Policy.of(load_pack(name), TODAY) for name in PACKS}

COUNTY = AgencyFact("market", "柯城区市场监管局", "county", "330802", "market", True)
CITY = AgencyFact("city", "衢州市市场监管局", "prefecture", "330800", "market", True)
TOWN = AgencyFact("town", "府山街道办事处", "township", "330802001", "city_management", True)
SHOP = EnterpriseFact("E1", "餐饮公司", "330802001", "registered", frozenset(), frozenset({"p1"}), "B")
ITEM = ItemFact("i1", "market", "餐饮检查", "食品安全法", "第一百一十条", "on_site", True, True, False, None, True)
PLAN = PlanFact("p1", "market", "annual", "published", True, frozenset({"i1"}), date(2026, 1, 1), date(2026, 12, 31))
VISIT = VisitFact("v1", date(2026, 3, 12), ("market",))

REQUEST = TaskRequest(
    agency_id="market",
    enterprise_id="E1",
    item_ids=("i1",),
    earliest=date(2026, 3, 9),
    latest=date(2026, 3, 20),
    origin="plan",
    plan_id="p1",
    ground="special_industry",
)
TRIGGERED = replace(REQUEST, origin="triggered", plan_id=None, ground="complaint", source_record="12345-1")
REMOTE = replace(TRIGGERED, method="off_site")
FACTS = Facts(today=TODAY, agency=COUNTY, enterprise=SHOP, items={"i1": ITEM}, plan=PLAN)
DESK = replace(FACTS, items={"i1": replace(ITEM, method="either")})


def refused(request: TaskRequest, facts: Facts, pack: str) -> dict[str, Refusal]:
    """The refusals by code."""
    return {refusal.code: refusal for refusal in judge(request, facts, POLICIES[pack]).refusals}


@pytest.mark.parametrize("pack", PACKS)
def test_lawful_requests_pass_under_every_pack(pack: str) -> None:
    """A planned special-industry check and a complaint with its source are permitted everywhere."""
    assert refused(REQUEST, FACTS, pack) == {}
    assert refused(TRIGGERED, FACTS, pack) == {}


Case = tuple[str, str, str, TaskRequest, Facts]

CASES: list[Case] = [
    ("agency.not_published", "dingtao", "DT-01", REQUEST, replace(FACTS, agency=replace(COUNTY, published=False))),
    ("agency.not_published", "quzhou", "QZ-02", REQUEST, replace(FACTS, agency=None)),
    ("enterprise.unknown", "quzhou", "BE-54", REQUEST, replace(FACTS, enterprise=None)),
    (
        "enterprise.deregistered",
        "quzhou",
        "BE-54",
        REQUEST,
        replace(FACTS, enterprise=replace(SHOP, status="deregistered")),
    ),
    ("premises.unknown", "quzhou", "BE-54", replace(REQUEST, premises_id="p9"), FACTS),
    ("item.not_published", "quzhou", "QZ-03", REQUEST, replace(FACTS, items={})),
    ("item.not_published", "cangxian", "BE-54", REQUEST, replace(FACTS, items={})),
    ("item.cancelled", "quzhou", "QZ-03", REQUEST, replace(FACTS, items={"i1": replace(ITEM, published=False)})),
    ("item.no_basis", "dingtao", "DT-10", REQUEST, replace(FACTS, items={"i1": replace(ITEM, law=" ")})),
    ("item.other_agency", "dingtao", "DT-10", REQUEST, replace(FACTS, items={"i1": replace(ITEM, agency_id="fire")})),
    ("item.method", "quzhou", "QZ-03", replace(REQUEST, method="off_site"), FACTS),
    (
        "task.window_past",
        "quzhou",
        "QZ-09",
        replace(REQUEST, earliest=date(2026, 2, 1), latest=date(2026, 3, 1)),
        FACTS,
    ),
    ("plan.missing", "dingtao", "DT-11", REQUEST, replace(FACTS, plan=None)),
    ("plan.not_approved", "quzhou", "QZ-05", REQUEST, replace(FACTS, plan=replace(PLAN, state="draft"))),
    ("plan.not_published", "quzhou", "QZ-05", REQUEST, replace(FACTS, plan=replace(PLAN, state="approved"))),
    ("plan.other_agency", "quzhou", "QZ-05", REQUEST, replace(FACTS, plan=replace(PLAN, agency_id="fire"))),
    ("plan.item_not_included", "quzhou", "QZ-05", REQUEST, replace(FACTS, plan=replace(PLAN, item_ids=frozenset()))),
    ("plan.out_of_period", "quzhou", "QZ-05", REQUEST, replace(FACTS, plan=replace(PLAN, period_to=date(2026, 3, 10)))),
    ("plan.no_ground", "dingtao", "DT-11", replace(REMOTE, ground="media_exposure"), DESK),
    ("plan.no_ground", "linxia", "LX-02", replace(REMOTE, ground=None), DESK),
    ("triggered.no_source", "quzhou", "QZ-17", replace(TRIGGERED, source_record=" "), FACTS),
    ("triggered.too_often", "quzhou", "QZ-17", TRIGGERED, replace(FACTS, triggered_taken=4)),
    ("draw.no_ground", "yongzhou", "YZ-02", replace(REQUEST, ground=None), FACTS),
    ("draw.no_ground", "yongzhou", "YZ-02", replace(REQUEST, origin="draw", ground=None), FACTS),
    ("draw.ground_untrue", "yongzhou", "YZ-02", replace(REQUEST, ground="key_area"), FACTS),
    ("draw.ground_untrue", "yongzhou", "YZ-02", replace(REQUEST, ground="not_on_random_list"), FACTS),
    ("grade.exempt", "cangxian", "CX-12", REQUEST, replace(FACTS, enterprise=replace(SHOP, grade="A"))),
    ("cap.on_site_full", "quzhou", "QZ-16", REQUEST, replace(FACTS, on_site_taken=2)),
    ("area.out_of_area", "quzhou", "QZ-18", REQUEST, replace(FACTS, enterprise=replace(SHOP, area="330803001"))),
    ("merge.same_agency", "linxia", "LX-14", REQUEST, replace(FACTS, visits=(VISIT,))),
]


@pytest.mark.parametrize(
    ("code", "pack", "clause", "request_", "facts"), CASES, ids=lambda value: value if isinstance(value, str) else ""
)
def test_one_fact_makes_one_refusal(code: str, pack: str, clause: str, request_: TaskRequest, facts: Facts) -> None:
    """Each broken duty is refused under its code and clause, alone, with a lawful way out."""
    found = refused(request_, facts, pack)
    assert set(found) == {code}
    assert found[code].clause == clause
    assert found[code].alternatives


@pytest.mark.clause("YZ-02")
def test_off_draw_refusal_lists_the_grounds() -> None:
    """Without draw or ground the alternatives are the pack's grounds, by their Chinese names."""
    found = refused(replace(REQUEST, ground=None), FACTS, "yongzhou")["draw.no_ground"]
    listed = "".join(found.alternatives)
    labels = POLICIES["yongzhou"].grounds
    assert all(labels.label(ground) in listed for ground in labels.off_draw.value)


@pytest.mark.clause("YZ-02")
def test_drawn_enterprise_needs_no_ground() -> None:
    """A task born of a held draw passes without a ground."""
    assert refused(replace(REQUEST, origin="draw", ground=None), replace(FACTS, drawn=True), "yongzhou") == {}


@pytest.mark.clause("QZ-16")
def test_full_cap_names_the_ways_that_stay_open() -> None:
    """The refusal names the coming visit with its date, the day the cap frees, and the off-site way."""
    found = refused(
        replace(REQUEST, latest=date(2026, 3, 11)), replace(FACTS, on_site_taken=2, visits=(VISIT,)), "quzhou"
    )
    options = found["cap.on_site_full"].alternatives
    assert any("v1" in option and "2026年3月12日" in option for option in options)
    assert any("2027年1月1日" in option for option in options)
    assert any("非现场" in option for option in options)


@pytest.mark.clause("QZ-17")
def test_trigger_is_outside_the_cap_and_the_head_beyond_reason() -> None:
    """A triggered task passes a full cap; past the reasonable number only the head's request passes."""
    assert refused(TRIGGERED, replace(FACTS, on_site_taken=2), "quzhou") == {}
    many = replace(FACTS, triggered_taken=9)
    assert refused(replace(TRIGGERED, by_head=True), many, "quzhou") == {}
    assert counter_of(TRIGGERED, POLICIES["quzhou"]) == "triggered"


@pytest.mark.clause("QZ-15")
@pytest.mark.clause("LX-09")
@pytest.mark.parametrize("pack", ["quzhou", "linxia"])
def test_off_site_comes_first(pack: str) -> None:
    """An on-site task for items that can be checked off site needs a reason."""
    facts = replace(FACTS, items={"i1": replace(ITEM, method="either")})
    assert set(refused(REQUEST, facts, pack)) == {"off_site.first"}
    assert refused(replace(REQUEST, reason="须现场取样"), facts, pack) == {}
    assert refused(replace(REQUEST, method="off_site"), facts, pack) == {}


@pytest.mark.clause("YZ-07")
def test_like_result_of_another_agency_is_recognised() -> None:
    """A result of the same matter by anyone stands for the recognition period, which the refusal names."""
    earlier = ResultFact(ITEM.matter, "衢州市市场监管局", "entry-7", date(2026, 2, 1))
    facts = replace(FACTS, results=(earlier,))
    found = refused(REQUEST, facts, "yongzhou")["recognition.like_result"]
    assert found.clause == "YZ-07"
    assert "entry-7" in found.message
    old = replace(earlier, finished_on=date(2025, 9, 1))
    assert refused(REQUEST, replace(facts, results=(old,)), "yongzhou") == {}
    never = replace(facts, items={"i1": replace(ITEM, recognition_days=0)})
    assert refused(REQUEST, never, "yongzhou") == {}
    assert refused(TRIGGERED, facts, "yongzhou") == {}


@pytest.mark.clause("YZ-07")
def test_task_with_one_fresh_item_passes() -> None:
    """Recognition refuses only when every item has a standing result."""
    earlier = ResultFact(ITEM.matter, "局", "entry-7", date(2026, 2, 1))
    other = replace(ITEM, item_id="i2", name="另一事项")
    facts = replace(
        FACTS,
        items={"i1": ITEM, "i2": other},
        results=(earlier,),
        plan=replace(PLAN, item_ids=frozenset({"i1", "i2"})),
    )
    assert refused(replace(REQUEST, item_ids=("i1", "i2")), facts, "yongzhou") == {}


@pytest.mark.clause("QZ-18")
def test_out_of_area_needs_the_common_superior() -> None:
    """The refusal names the common superior's area; its approval opens the way."""
    facts = replace(FACTS, enterprise=replace(SHOP, area="330803001"))
    assert "330800" in refused(REQUEST, facts, "quzhou")["area.out_of_area"].alternatives[0]
    asked = replace(REQUEST, superior_approval="衢市监〔2026〕3号")
    assert "衢市监〔2026〕3号" in refused(asked, facts, "quzhou")["area.out_of_area"].message
    assert refused(asked, replace(facts, approved_until=asked.latest), "quzhou") == {}
    ended = refused(asked, replace(facts, approved_until=asked.latest - timedelta(days=1)), "quzhou")
    assert [way.until for way in ended["area.approval_ends"].ways] == [asked.latest - timedelta(days=1)]


@pytest.mark.clause("YZ-05")
def test_county_agency_comes_before_the_prefecture() -> None:
    """A prefecture agency is sent to its county counterpart unless a superior ordered otherwise."""
    asked = replace(REQUEST, agency_id="city")
    facts = replace(
        FACTS,
        agency=CITY,
        counterpart=COUNTY,
        items={"i1": replace(ITEM, agency_id="city")},
        plan=replace(PLAN, agency_id="city"),
    )
    found = refused(asked, facts, "yongzhou")
    assert set(found) == {"area.county_first"}
    assert COUNTY.name in found["area.county_first"].message
    assert refused(replace(asked, superior_approval="湘市监〔2026〕1号"), facts, "yongzhou") == {}
    assert refused(asked, facts, "dingtao") == {}


@pytest.mark.clause("CX-14")
def test_levels_merge_or_are_refused() -> None:
    """Another level's task in overlapping days passes, to be merged; apart from it the request is refused."""
    theirs = TaskFact(TOWN, date(2026, 3, 16), date(2026, 3, 31), None, None)
    assert refused(REQUEST, replace(FACTS, others=(theirs,)), "cangxian") == {}
    apart = replace(theirs, earliest=date(2026, 4, 1), latest=date(2026, 4, 30))
    found = refused(REQUEST, replace(FACTS, others=(apart,)), "cangxian")
    assert found["level.separate"].clause == "CX-14"
    assert "2026年4月1日" in found["level.separate"].alternatives[0]
    visited = replace(theirs, day=date(2026, 3, 18), visit_id="v9")
    found = refused(REQUEST, replace(FACTS, others=(visited,)), "cangxian")
    assert "v9" in found["level.separate"].alternatives[0]
    filed = replace(FACTS, others=(apart,), plan=replace(PLAN, kind="joint"))
    assert refused(REQUEST, filed, "cangxian") == {}
    ordered = replace(REQUEST, origin="triggered", ground="superior_order", source_record="县政府交办1号")
    assert "level.separate" in refused(ordered, filed, "cangxian")


@pytest.mark.clause("CX-12")
def test_exempt_grade_yields_to_its_grounds() -> None:
    """The best grade is left in peace but for complaints and the like; other packs exempt nobody."""
    facts = replace(FACTS, enterprise=replace(SHOP, grade="A"))
    assert refused(TRIGGERED, facts, "cangxian") == {}
    assert refused(REQUEST, facts, "quzhou") == {}
    assert refused(replace(REQUEST, method="off_site"), facts, "cangxian").keys() == {"item.method"}


DAYS = st.dates(date(2025, 12, 1), date(2027, 2, 28))


@st.composite
def questions(draw: st.DrawFn) -> tuple[TaskRequest, Facts]:
    """Any request against any facts."""
    pick: Callable[..., Any] = lambda *options: draw(st.sampled_from(options))  # noqa: E731
    earliest, latest = sorted([draw(DAYS), draw(DAYS)])
    ground = pick(None, "complaint", "special_industry", "key_area", "media_exposure", "nonsense")
    request = replace(
        REQUEST,
        agency_id=pick("market", "city", "town"),
        item_ids=pick(("i1",), ("i1", "i2"), ("i9",)),
        earliest=earliest,
        latest=latest,
        origin=pick("plan", "draw", "triggered", "campaign"),
        method=pick("on_site", "off_site"),
        premises_id=pick(None, "p1", "p2"),
        ground=ground,
        source_record=pick(None, "12345"),
        reason=pick(None, "须现场取样"),
        superior_approval=pick(None, "批准文号"),
        by_head=draw(st.booleans()),
    )
    item = replace(ITEM, method=pick("on_site", "off_site", "either"), recognition_days=pick(None, 0, 30))
    facts = Facts(
        today=TODAY,
        agency=pick(None, COUNTY, CITY, TOWN),
        enterprise=pick(None, SHOP, replace(SHOP, grade="A"), replace(SHOP, area="441900")),
        items=pick({}, {"i1": item}, {"i1": item, "i2": replace(item, item_id="i2", law="")}),
        plan=pick(None, PLAN, replace(PLAN, state="draft"), replace(PLAN, kind="joint")),
        drawn=draw(st.booleans()),
        on_site_taken=draw(st.integers(0, 3)),
        triggered_taken=draw(st.integers(0, 6)),
        visits=pick((), (VISIT,)),
        others=pick((), (TaskFact(TOWN, TODAY, TODAY, None, None),), (TaskFact(CITY, TODAY, TODAY, TODAY, "v2"),)),
        results=pick((), (ResultFact(ITEM.matter, "局", "e1", date(2026, 2, 20)),)),
        counterpart=pick(None, COUNTY),
    )
    return request, facts


@settings(max_examples=150, deadline=None)
@given(questions(), st.sampled_from(PACKS))
def test_every_refusal_is_complete(question: tuple[TaskRequest, Facts], pack: str) -> None:
    """Whatever is asked: no error, and each refusal has code, clause, citation, a Chinese sentence and a way out."""
    for refusal in judge(*question, POLICIES[pack]).refusals:
        assert re.fullmatch(r"[a-z_]+\.[a-z_]+", refusal.code)
        assert re.fullmatch(r"[A-Z]{2}-\d{2}", refusal.clause)
        assert refusal.cite
        assert refusal.alternatives
        assert all(re.search(r"[\u4e00-\u9fff]", text) for text in (refusal.message, *refusal.alternatives))


@settings(max_examples=100, deadline=None)
@given(questions(), st.sampled_from(PACKS))
def test_taking_places_only_ever_adds_refusals(question: tuple[TaskRequest, Facts], pack: str) -> None:
    """A request refused with few inspections this year is refused with more of them too."""
    request, facts = question
    before = {refusal.code for refusal in judge(request, facts, POLICIES[pack]).refusals}
    more = replace(facts, on_site_taken=facts.on_site_taken + 1, triggered_taken=facts.triggered_taken + 1)
    assert before <= {refusal.code for refusal in judge(request, more, POLICIES[pack]).refusals}


JOINING = replace(REQUEST, join_visit_id="v1")


@pytest.mark.clause("LX-14")
def test_joining_its_own_visit_takes_no_further_place() -> None:
    """Where a further visit is refused, joining the coming one is permitted, even when the cap is full."""
    facts = replace(FACTS, visits=(VISIT,), on_site_taken=2)
    assert {"cap.on_site_full", "merge.same_agency"} == set(refused(REQUEST, facts, "quzhou"))
    assert refused(JOINING, facts, "quzhou") == {}
    others = replace(facts, visits=(replace(VISIT, agencies=("fire",)),))
    assert set(refused(JOINING, others, "quzhou")) == {"cap.on_site_full"}


@pytest.mark.clause("QZ-06")
@pytest.mark.parametrize(
    ("visit", "code"),
    [
        (replace(VISIT, visit_id="v2"), "join.no_visit"),
        (replace(VISIT, day=date(2026, 3, 23)), "join.other_day"),
        (replace(VISIT, agencies=("a", "b", "c", "d")), "join.too_many_agencies"),
        (replace(VISIT, minutes=200), "join.too_long"),
    ],
)
def test_joining_keeps_day_and_limits(visit: VisitFact, code: str) -> None:
    """A visit that is unknown, on another day, too crowded or too long is not joined."""
    facts = replace(FACTS, visits=(visit,), items={"i1": replace(ITEM, minutes=60)})
    assert code in refused(JOINING, facts, "quzhou")


@pytest.mark.clause("YZ-04")
@pytest.mark.parametrize(
    ("joining", "codes"),
    [
        (JoinFact(3, date(2026, 3, 11)), set()),
        (JoinFact(3, date(2026, 3, 12)), {"join.no_time_for_consent"}),
        (JoinFact(3, calendar_known=False), {"join.calendar_unknown"}),
        (JoinFact(0, date(2026, 3, 11)), {"join.no_officers"}),
    ],
)
def test_who_joins_others_asks_them_in_time_and_sends_somebody(joining: JoinFact, codes: set[str]) -> None:
    """The last day of their answer lies before the visit's; a pack without consents asks nobody."""
    facts = replace(FACTS, visits=(replace(VISIT, agencies=("fire",)),), joining=joining)
    assert set(refused(JOINING, facts, "yongzhou")) == codes
    assert set(refused(JOINING, facts, "quzhou")) == codes & {"join.no_officers"}


@pytest.mark.clause("QZ-06")
def test_joining_keeps_headcount_and_premises() -> None:
    """The officers of all stay within the limit, and nobody is led to other premises than the visit's."""
    visit = replace(VISIT, agencies=("fire", "town"), officers=6, premises_id="p1")
    facts = replace(FACTS, visits=(visit,), joining=JoinFact(3))
    assert refused(JOINING, facts, "quzhou") == {}
    more = replace(facts, items={"i1": replace(ITEM, officers=3)})
    assert set(refused(JOINING, more, "quzhou")) == {"join.too_many_officers"}
    assert refused(JOINING, replace(more, joining=JoinFact(2)), "quzhou") == {}
    shop = replace(SHOP, premises=frozenset({"p1", "p2"}))
    there = replace(JOINING, premises_id="p2")
    assert set(refused(there, replace(facts, enterprise=shop), "quzhou")) == {"join.other_premises"}


@pytest.mark.clause("QZ-16")
def test_an_inspection_counts_in_the_year_in_which_it_is() -> None:
    """In that of the visit it joins, else in that of its first day to come."""
    turn = replace(JOINING, earliest=date(2026, 12, 30), latest=date(2027, 1, 20))
    facts = replace(FACTS, today=date(2026, 12, 20), visits=(replace(VISIT, day=date(2027, 1, 12)),))
    assert (facts.year(turn), facts.year(replace(turn, join_visit_id=None))) == (2027, 2026)
    assert replace(facts, today=date(2027, 1, 2)).year(replace(turn, join_visit_id=None)) == 2027


@pytest.mark.clause("QZ-08")
def test_what_rests_on_a_campaign_keeps_within_it() -> None:
    """Under whatever origin it comes: another agency's campaign, items or days are no ground."""
    steps = frozenset({"legal_review", "collective_discussion", "government_approval"})
    campaign = replace(PLAN, kind="campaign", steps=steps)
    asked = replace(REQUEST, origin="triggered", ground="special_campaign", source_record="12345-1")
    assert refused(asked, replace(FACTS, plan=campaign), "quzhou") == {}
    for other, code in (
        (replace(campaign, agency_id="fire"), "plan.other_agency"),
        (replace(campaign, item_ids=frozenset({"i2"})), "plan.item_not_included"),
        (replace(campaign, period_to=date(2026, 3, 10)), "plan.out_of_period"),
    ):
        assert set(refused(asked, replace(FACTS, plan=other), "quzhou")) == {code}


@pytest.mark.clause("CX-14")
def test_another_level_joins_the_visit_that_is_there() -> None:
    """The alternative that the refusal names is indeed permitted."""
    theirs = TaskFact(TOWN, date(2026, 3, 9), date(2026, 3, 20), date(2026, 3, 12), "v1")
    facts = replace(FACTS, others=(theirs,), visits=(replace(VISIT, agencies=("town",)),))
    assert set(refused(REQUEST, facts, "cangxian")) == {"level.separate"}
    assert refused(JOINING, facts, "cangxian") == {}
