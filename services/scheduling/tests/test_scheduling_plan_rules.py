"""The rules on plans, their approvals, filings, meetings and what is owed."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wurao.common.errors import Conflict, Kind, Refused
from wurao.common.packs import load_pack
from wurao.scheduling.domain import approval, conference, owed, plan_filing, plans, quarters
from wurao.scheduling.domain.evaluation import TaskFigures, VisitFigures, share
from wurao.scheduling.domain.gate import AgencyFact, ItemFact
from wurao.scheduling.domain.policy import Policy

TODAY = date(2026, 3, 2)
PACKS = ("quzhou", "cangxian", "linxia", "dingtao", "yongzhou")
POLICIES = {name: Policy.of(load_pack(name), TODAY) for name in PACKS}
STEPS = sorted(approval.NAMES)
DAYS = st.dates(date(2025, 1, 1), date(2030, 12, 31))


def standing(kind: str = "annual", state: str = "draft", **taken: str) -> approval.Standing:
    """A plan that `author` wrote, with who took which step."""
    return approval.Standing(kind, state, frozenset({"author"}), taken)


def act(step: str, person: str = "other", document: str | None = "1号", may: set[str] | None = None) -> approval.Act:
    """A step that its taker may take unless told otherwise."""
    return approval.Act(step, person, frozenset({step} if may is None else may), document)


def code(plan: approval.Standing, wanted: approval.Act, pack: str) -> tuple[str, str]:
    """Code and clause of the first reason why a step is refused."""
    with pytest.raises(Refused) as refused:
        approval.take(plan, wanted, POLICIES[pack])
    return refused.value.refusals[0].code, refused.value.refusals[0].clause


def test_head_approves_or_the_conference_where_the_pack_says_so() -> None:
    """The approver follows the pack, the conference needs its resolution, a plan is approved once."""
    assert approval.take(standing(), act("head"), POLICIES["quzhou"]) == "approved"
    assert code(standing(), act("head", may={"conference"}), "quzhou") == ("plan.wrong_approver", "QZ-05")
    assert code(standing(), act("conference", may={"head"}), "cangxian") == ("plan.wrong_approver", "CX-01")
    assert code(standing(), act("conference", document=" "), "cangxian") == ("plan.no_resolution", "CX-01")
    assert approval.take(standing(), act("conference"), POLICIES["cangxian"]) == "approved"
    for wanted, plan in ((act("head"), standing(state="approved")), (act("conference"), standing())):
        with pytest.raises(Conflict):
            approval.take(plan, wanted, POLICIES["quzhou"])


@pytest.mark.clause("LX-01")
def test_levels_come_in_order_and_from_different_persons() -> None:
    """The head follows the unit leader; the author takes neither step, and nobody takes both."""
    assert code(standing(), act("head"), "linxia") == ("plan.no_unit_leader", "LX-01")
    assert approval.take(standing(), act("unit_leader"), POLICIES["linxia"]) == "draft"
    assert approval.take(standing(unit_leader="u"), act("head", "h"), POLICIES["linxia"]) == "approved"
    assert code(standing(), act("unit_leader", "author"), "linxia") == ("plan.self_approval", "LX-01")
    assert code(standing(unit_leader="u"), act("head", "author"), "linxia") == ("plan.self_approval", "LX-01")
    assert code(standing(unit_leader="u"), act("head", "u"), "linxia") == ("plan.same_person", "LX-01")
    with pytest.raises(Conflict):
        approval.take(standing(unit_leader="u"), act("unit_leader", "v"), POLICIES["linxia"])


@given(
    st.sampled_from(PACKS),
    st.sampled_from(sorted(plans.KINDS)),
    st.lists(st.tuples(st.sampled_from(STEPS), st.sampled_from(["author", "a", "b", "c", "d"])), max_size=12),
)
def test_however_steps_are_tried_approval_takes_all_of_them_in_order_by_different_persons(
    pack: str, kind: str, tries: list[tuple[str, str]]
) -> None:
    """Whatever is tried by whom, an approved plan passed every step of its flow in order, each by another person."""
    policy = POLICIES[pack]
    taken: dict[str, str] = {}
    state = "draft"
    for step, person in tries:
        try:
            state = approval.take(
                approval.Standing(kind, state, frozenset({"author"}), taken), act(step, person), policy
            )
        except (Refused, Conflict):
            continue
        taken[step] = person
        assert tuple(taken) == approval.flow(kind, policy)[: len(taken)]
    assert len(set(taken.values())) == len(taken)
    assert "author" not in taken.values()
    assert (state == "approved") == (tuple(taken) == approval.flow(kind, policy))
    waits = approval.awaited(kind, state, list(taken), policy)
    assert (waits is None) == (state == "approved")


@pytest.mark.clause("QZ-08")
@given(st.sets(st.sampled_from(["legal_review", "collective_discussion", "government_approval"])))
def test_a_campaign_names_each_step_that_it_lacks(taken: set[str]) -> None:
    """Published without a step, a campaign is refused with that step's name; with all of them it is published."""
    policy = POLICIES["quzhou"]
    missing = [step for step in policy.campaign.steps.value if step not in taken and step != "publication"]
    if not missing:
        assert plans.publish("campaign", "approved", sorted(taken), policy) == "published"
        return
    with pytest.raises(Refused) as refused:
        plans.publish("campaign", "draft", sorted(taken), policy)
    assert [one.code for one in refused.value.refusals] == [f"campaign.no_{step}" for step in missing]
    assert {one.clause for one in refused.value.refusals} == {"QZ-08"}


def test_a_draft_is_returned_by_who_could_approve_it() -> None:
    """Not by its author, not by outsiders, and not once it is approved."""
    policy = POLICIES["quzhou"]
    approval.give_back(standing(), "h", frozenset({"head"}), policy)
    for person, may in (("author", {"head"}), ("x", {"legal_review"})):
        with pytest.raises(Refused) as refused:
            approval.give_back(standing(), person, frozenset(may), policy)
        assert refused.value.kind == Kind.FORBIDDEN
    with pytest.raises(Conflict):
        approval.give_back(standing(state="approved"), "h", frozenset({"head"}), policy)


@pytest.mark.clause("CX-05")
@given(DAYS, DAYS)
def test_the_filing_window_is_the_last_two_weeks_of_the_quarter_before(begins: date, today: date) -> None:
    """Before the window a filing is refused, within it in time, after it late; the window has fourteen days."""
    policy = POLICIES["cangxian"]
    term = plans.filing_term("quarterly", begins, policy)
    assert term.opens is not None
    assert term.due is not None
    assert term.due - term.opens == timedelta(days=13)
    assert term.due + timedelta(days=1) == quarters.period_of(begins).first
    if today < term.opens:
        with pytest.raises(Refused) as early:
            plans.file_late("approved", False, term, today, policy)
        assert (early.value.code, early.value.clause) == ("plan.filing_too_early", "CX-05")
    else:
        assert plans.file_late("approved", False, term, today, policy) == (today > term.due)


def test_drafts_and_filed_plans_are_not_filed() -> None:
    """A plan is filed once, after its approval."""
    term = plans.filing_term("annual", date(2026, 1, 1), POLICIES["dingtao"])
    for state, filed in (("draft", False), ("published", True)):
        with pytest.raises(Conflict):
            plans.file_late(state, filed, term, TODAY, POLICIES["dingtao"])


@given(
    st.sampled_from([None, "filed", "checked", "noted", "returned"]),
    st.sampled_from(["checked", "noted", "returned"]),
    st.sampled_from([None, "market", "justice"]),
    st.sets(st.sampled_from(["development", "market", "justice"])),
)
def test_a_filing_is_decided_by_the_line_that_it_is_before(
    state: str | None, decision: str, through: str | None, lines: set[str]
) -> None:
    """Only a waiting filing is decided, only by the line before which it is, and noted only by the office itself."""
    policy = POLICIES["cangxian"]
    holder = "development" if through is None or state == "checked" else through

    def decide(*, own: bool = False) -> str:
        return plan_filing.decide(
            state,
            decision,
            office="development",
            through=through,
            lines=frozenset(lines),
            own=own,
            policy=policy,
        )

    right = {"checked": holder != "development", "noted": holder == "development", "returned": True}[decision]
    if state in ("filed", "checked") and holder in lines and right:
        assert decide() == decision
        with pytest.raises(Refused):
            decide(own=True)
    else:
        with pytest.raises((Refused, Conflict)):
            decide()


@given(DAYS, st.sampled_from([1, 2, 3, 4, 6, 12]))
def test_periods_part_the_year_without_gaps(day: date, months: int) -> None:
    """A day lies in just one period of its year; the next begins the day after it ends, and back leads back."""
    period = quarters.period_of(day, months)
    assert period.first <= day <= period.last
    assert period.next.first == period.last + timedelta(days=1)
    assert period.next.before == period
    assert sum(one.first <= day <= one.last for one in quarters.of_year(day.year, months)) == 1
    names = [one.name for one in quarters.of_year(day.year, months)]
    assert sorted(set(names)) == names
    with pytest.raises(ValueError, match="5 months"):
        quarters.period_of(day, 5)


@given(st.sampled_from(PACKS), DAYS, DAYS)
def test_nothing_is_overdue_before_its_day_or_before_the_watch(pack: str, since: date, today: date) -> None:
    """Only what was due since the watch began and before today is overdue; a county without a day owes nothing."""
    found = list(owed.plans_owed(today, since, POLICIES[pack]))
    assert all(since <= one.due < today for one in found)
    if pack in ("yongzhou", "quzhou"):
        assert found == []
    meeting = owed.meeting_owed(today, since, POLICIES[pack])
    if meeting is not None:
        assert pack == "cangxian"
        assert since <= meeting.first
        assert meeting.last < today


@pytest.mark.clause("CX-02")
def test_the_yearly_random_plan_is_owed_by_the_line_that_leads_it() -> None:
    """On 1 February the market regulator's plan is overdue in one county, every agency's in another."""
    day, since = date(2026, 2, 1), date(2026, 1, 1)
    cang = {(one.kind, one.clause): one for one in owed.plans_owed(day, since, POLICIES["cangxian"])}
    assert cang["annual", "CX-02"].lines == ("market",)
    assert list(owed.plans_owed(date(2026, 1, 31), since, POLICIES["cangxian"])) == []
    [dingtao] = owed.plans_owed(day, since, POLICIES["dingtao"])
    assert (dingtao.lines, dingtao.clause, dingtao.due) == ((), "DT-11", date(2026, 1, 31))


@pytest.mark.clause("CX-01")
def test_the_conference_meets_by_its_rules() -> None:
    """A regular meeting belongs to its quarter, an extra one needs a reason, others know no conference."""
    policy = POLICIES["cangxian"]
    assert conference.convene("regular", date(2026, 5, 6), None, policy) == "2026Q2"
    assert conference.convene("extra", date(2026, 5, 6), "突发情况", policy) == "2026Q2"
    for kind, reason, pack, expected in (
        ("extra", " ", "cangxian", "conference.no_reason"),
        ("regular", None, "quzhou", "conference.none"),
    ):
        with pytest.raises(Refused) as refused:
            conference.convene(kind, date(2026, 5, 6), reason, POLICIES[pack])
        assert refused.value.code == expected
    chair = policy.conference.conveners.value[0]
    assert conference.hold("convened", chair, ["a"], ["a", "b"], policy) == "held"
    with pytest.raises(Refused) as strangers:
        conference.hold("convened", "路人", ["c"], ["a", "b"], policy)
    assert [one.code for one in strangers.value.refusals] == ["conference.not_convener", "conference.not_member"]
    for state, deed in (("convened", conference.require_held), ("closed", conference.require_held)):
        with pytest.raises(Conflict):
            deed(state)
    with pytest.raises(Conflict):
        conference.require_open("closed")


AGENCY = AgencyFact("market", "市场监管局", "county", "130921", "market", True)
CITY = AgencyFact("city", "市局", "prefecture", "130900", "fire", True)
ITEMS = {
    "m1": ItemFact("m1", "market", "检查", "法", "第一条", "on_site", True, False, False, None, True),
    "c1": ItemFact("c1", "city", "检查", "法", "第二条", "on_site", True, False, False, None, True),
}
PERIOD = (date(2026, 1, 1), date(2026, 12, 31))


def test_a_joint_plan_says_who_does_what_when() -> None:
    """Participants follow from the items; foreign items, other days, unknown agencies and orphaned items are named."""
    parts = plans.participants("market", ["c1", "m1"], ITEMS, PERIOD)
    assert [(part.agency_id, part.item_ids) for part in parts] == [("market", ("m1",)), ("city", ("c1",))]
    known = {"market": AGENCY, "city": CITY}

    def codes(*wrong: plans.Participant) -> list[str]:
        found = plans.joint_objections(wrong, ["m1", "c1"], PERIOD, known, ITEMS, POLICIES["linxia"])
        return [one.code for one in found]

    assert codes(*parts) == []
    assert codes(plans.Participant("market", ("m1", "c1"), *PERIOD)) == ["plan.participant_item"]
    late = plans.Participant("city", ("c1",), date(2026, 12, 1), date(2027, 1, 1))
    assert codes(parts[0], late) == ["plan.participant_period"]
    assert codes(parts[0], plans.Participant("ghost", ("c1",), *PERIOD))[0] == "agency.not_published"
    assert codes(parts[0]) == ["plan.item_without_participant"]


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_shares_are_rounded_and_bounded(part: int, whole: int) -> None:
    """A share in permille is within half a permille of the truth; of nothing it is none."""
    found = share(min(part, whole), whole)
    assert 0 <= found <= 1000
    if whole:
        assert abs(found * whole - min(part, whole) * 1000) * 2 <= whole
    assert VisitFigures(3, 1, 2).saved == 0
    assert TaskFigures(1, 1, 1, 0, 0) + TaskFigures(2, 0, 0, 2, 1) == TaskFigures(3, 1, 1, 2, 1)
