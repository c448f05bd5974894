"""Rules of credit repair: classes, terms, states, obstacles, papers, deciders, clocks, the notice."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wurao.common.errors import Conflict
from wurao.common.packs import load_pack
from wurao.common.packs.shapes import DisplayTerm
from wurao.common.workdays import WorkCalendar
from wurao.registry.domain import displays, repair
from wurao.registry.domain.notices import notice
from wurao.registry.domain.repair_policy import RepairSection

TODAY = date(2026, 1, 5)
LAW = load_pack("national").section(RepairSection, on=TODAY)
DAYS = st.dates(date(2025, 7, 1), date(2035, 12, 31))


def record(**changes: object) -> repair.Record:
    """A general record that can be repaired today."""
    given = {
        "state": displays.RUNNING,
        "severity": "general",
        "violation": "food.label_defect",
        "apply_from": TODAY,
        "owes": False,
        "barred_until": None,
    }
    return repair.Record(**(given | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("procedure", "fine_fen", "kinds", "severity"),
    [
        ("summary", 5_000, ["fine"], "slight"),
        ("ordinary", 0, ["warning"], "slight"),
        ("ordinary", 100_000, ["fine", "warning"], "general"),
        ("ordinary", 0, ["confiscation"], "general"),
        ("ordinary", 0, ["suspension"], "general"),
        ("ordinary", 0, ["licence_revocation", "warning"], "serious"),
        ("ordinary", 99_999_999, ["fine"], "general"),
        ("ordinary", 100_000_000, ["fine"], "serious"),
    ],
)
def test_the_class_of_a_decision_follows_the_pack(
    procedure: str, fine_fen: int, kinds: list[str], severity: str
) -> None:
    """The gravest kind decides the class, and a great fine is serious by itself."""
    assert displays.severity_of(LAW.severity.value, procedure, fine_fen, kinds) == severity


def test_terms_are_those_of_the_plan_of_2025() -> None:
    """Slight records are not shown; general ones three months to a year; serious ones one to three years."""
    terms = {name: (rule.shown, rule.min_months, rule.max_months) for name, rule in LAW.terms.value.items()}
    assert terms == {
        "slight": (False, 0, 3),
        "general": (True, 3, 12),
        "serious": (True, 12, 36),
        "listed": (True, 0, None),
    }
    general = displays.term("general", LAW.terms.value["general"], date(2025, 11, 30))
    assert (general.shown_until, general.apply_from) == (date(2026, 11, 30), date(2026, 3, 1))
    assert displays.term("general", LAW.terms.value["general"], TODAY, date(2026, 2, 1)).shown_until == date(2026, 2, 1)


@given(DAYS, st.integers(0, 36), st.integers(0, 36))
def test_a_term_begins_before_it_ends_and_is_repairable_within_it(begins: date, least: int, more: int) -> None:
    """Whatever the months, a record can be applied for within its display or the day after, never before it."""
    rule = DisplayTerm(label="一般", shown=True, min_months=least, max_months=least + more)
    term = displays.term("general", rule, begins)
    assert term.shown_until is not None
    assert begins <= term.apply_from <= term.shown_until + timedelta(days=1)


def test_states_follow_the_table_and_nothing_else() -> None:
    """Every pair of state and act that the table lacks is refused with the clause, and final states have no act."""
    acts = {act for _, act in repair.TRANSITIONS}
    for state in repair.LABELS:
        for act in acts:
            if (state, act) in repair.TRANSITIONS:
                assert repair.step(state, act, LAW.decision_days) in repair.LABELS
            else:
                with pytest.raises(Conflict) as refused:
                    repair.step(state, act, LAW.decision_days)
                assert (refused.value.code, refused.value.clause) == ("repair.wrong_state", "BE-54")
    starting = {state for state, _ in repair.TRANSITIONS}
    assert set(repair.LABELS) - starting == {"refused", "taken_back", "revoked", "closed"}


def test_obstacles_name_the_clause_and_the_earliest_day() -> None:
    """Too early, an open duty, a bar and an excluded breach are all told at once, each with what would be lawful."""
    assert repair.obstacles(record(), LAW, TODAY) == []
    early = repair.obstacles(record(apply_from=date(2026, 4, 6)), LAW, TODAY)
    assert [(why.code, why.alternatives) for why in early] == [("repair.too_early", ("2026-04-06起可以申请",))]
    excluded = LAW.excluded.model_copy(update={"value": {"food.label_defect": "食品标签瑕疵"}})
    strict = LAW.model_copy(update={"excluded": excluded})
    late = date(2026, 3, 1)
    found = repair.obstacles(record(apply_from=late, owes=True, barred_until=late), strict, TODAY)
    assert [why.code for why in found] == [
        "repair.excluded",
        "repair.too_early",
        "repair.duty_open",
        "repair.false_materials",
    ]
    assert all(why.clause and why.cite and why.alternatives for why in found)
    assert repair.obstacles(record(barred_until=date(2026, 1, 4)), LAW, TODAY) == []
    assert [why.code for why in repair.obstacles(record(state="restored"), LAW, TODAY)] == ["repair.not_shown"]


def test_every_lacking_paper_is_named() -> None:
    """What is required and not given is listed whole; papers beyond what is required do no harm."""
    assert [paper.kind for paper in repair.lacking(LAW.materials.value, {"photo"})] == ["duty_proof", "commitment"]
    assert [paper.kind for paper in repair.lacking(LAW.materials.value, {"duty_proof"})] == ["commitment"]
    assert repair.lacking(LAW.materials.value, {"duty_proof", "commitment", "photo"}) == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, None),
        ({"roles": {"planner"}}, "repair.not_decider"),
        ({"roles": {"supervisor"}, "agency_decides": False}, None),
        ({"officer_id": "o1"}, "repair.own_case"),
        ({"person": "clerk"}, "repair.own_application"),
    ],
)
def test_who_handled_the_case_or_the_application_does_not_decide(changes: dict[str, object], code: str | None) -> None:
    """The head decides, unless an officer of the case or the one who entered the application."""
    given = {
        "roles": {"head"},
        "person": "head",
        "officer_id": "o9",
        "entered_by": "clerk",
        "officers": ["o1"],
        "agency_decides": True,
    }
    why = repair.unfit_decider(LAW, **(given | changes))  # type: ignore[arg-type]
    assert (why.code if why else None) == code


def test_clocks_run_in_working_days() -> None:
    """Seven working days from the day after acceptance, over a weekend; the reminder comes two working days before."""
    calendar = WorkCalendar()
    assert repair.due(LAW.decision_days, TODAY, calendar) == date(2026, 1, 14)
    assert repair.remind_on(LAW.decision_days, 2, TODAY, calendar) == date(2026, 1, 12)
    assert repair.remind_on(LAW.check_days, 9, TODAY, calendar) == TODAY


def test_the_notice_tells_all_that_a_party_needs() -> None:
    """Class, display, conditions, papers, procedure, limits, where and from when: each in Chinese, with the basis."""
    term = displays.term("general", LAW.terms.value["general"], TODAY)
    told = notice(LAW, term, party="甲店", record="行政处罚决定 1号", agency="柯城区市场监督管理局")
    text = "\n".join(told.paragraphs)
    assert told.title == "信用修复告知书"
    wanted = ("甲店", "行政处罚决定 1号", "一般", "2026年1月5日起至2027年1月5日", "2026年4月6日起可以申请")
    assert [part for part in wanted if part not in text] == []
    papers = [material.name for material in LAW.materials.value]
    assert [
        part for part in (*LAW.conditions.value, *papers, "7个工作日", "柯城区市场监督管理局") if part not in text
    ] == []
    slight = displays.term("slight", LAW.terms.value["slight"], TODAY)
    assert "不向社会公示" in "".join(notice(LAW, slight, party="甲店", record="当场处罚", agency="甲局").paragraphs)
    listed = displays.term("listed", LAW.terms.value["listed"], TODAY)
    assert "直至列入原因消除" in "".join(notice(LAW, listed, party="甲店", record="年报", agency="甲局").paragraphs)
