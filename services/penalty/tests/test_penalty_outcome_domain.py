"""Outcomes by statute and lists, ranges by benchmark, limits and heavy cases: pure rules over all packs."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wurao.common.errors import Refused
from wurao.common.packs import Bases, load_pack, load_packs
from wurao.common.packs.shapes import Benchmark
from wurao.common.workdays import WorkCalendar
from wurao.penalty.domain import circumstances as known
from wurao.penalty.domain import policy
from wurao.penalty.domain.benchmark import Act, fine_range, limitation, propose
from wurao.penalty.domain.circumstances import ProvenAct, established
from wurao.penalty.domain.heavy import hearing_grounds, heavy_grounds
from wurao.penalty.domain.outcome import (
    KINDEST_FIRST,
    NO_PENALTY,
    by_statute,
    departs,
    judge,
    matching_entry,
    no_coercion_entry,
)
from wurao.penalty.domain.policy import ProcedureSection, TermSection, discretion
from wurao.penalty.domain.summary import beyond_summary, party_of

ON = date(2026, 1, 5)
PACKS = load_packs()
NATIONAL = discretion(PACKS["national"], ON)
BASES = PACKS["national"].section(Bases, on=ON)
DUTY = BASES.fine_within_benchmark
PROCEDURE = PACKS["national"].section(ProcedureSection, on=ON)
QUZHOU = PACKS["quzhou"].section(ProcedureSection, on=ON)
BENCHMARKS = NATIONAL.benchmarks.value if NATIONAL.benchmarks else ()
VIOLATIONS = [entry.violation for entry in BENCHMARKS]
CODES = st.frozensets(st.sampled_from(sorted(known.KNOWN)))
EXEMPT = frozenset({"minor", "corrected", "harmless"})


def benchmark(violation: str) -> Benchmark:
    """The national benchmark of a violation."""
    found = NATIONAL.benchmark(violation)
    assert found is not None
    return found


def test_codes_are_those_of_the_packs() -> None:
    """Every circumstance that a list of any pack names is known here, and has a label."""
    labels = PROCEDURE.circumstance_labels.value
    assert set(labels) == known.KNOWN
    for pack in PACKS.values():
        section = discretion(pack, ON)
        assert section.lists is not None
        assert {code for entry in section.lists.value for code in entry.circumstances} <= known.KNOWN


@pytest.mark.clause("PL-32")
@pytest.mark.parametrize("code", ["harm_removed", "coerced", "confessed", "merit"])
def test_each_lightening_circumstance_lowers_the_range(code: str) -> None:
    """Each circumstance of article 32 alone lowers the proposed range and is named in the reasons."""
    plain = propose(Act("fire.exit_blocked", ON, frozenset()), NATIONAL, NATIONAL, BASES)
    found = propose(Act("fire.exit_blocked", ON, frozenset({code})), NATIONAL, NATIONAL, BASES)
    assert found.range.max_fen <= plain.range.min_fen
    assert found.judgement.force == "must"
    assert any(reason.clause == "PL-32" for reason in found.judgement.reasons)


@pytest.mark.clause("PL-33")
@given(CODES, st.sampled_from(VIOLATIONS), st.sampled_from(sorted(PACKS)))
def test_exempting_circumstances_prevail_in_every_pack(codes: frozenset[str], violation: str, name: str) -> None:
    """With slight, corrected and harmless no pack, list or other circumstance leads to a penalty."""
    judgement = judge(violation, codes | EXEMPT, discretion(PACKS[name], ON), DUTY)
    assert judgement.permitted <= NO_PENALTY
    assert judgement.force == "must"


@pytest.mark.clause("YZ-12")
@given(CODES, st.sampled_from(VIOLATIONS), st.sampled_from(sorted(PACKS)))
def test_list_is_never_harsher_than_the_statute(codes: frozenset[str], violation: str, name: str) -> None:
    """A list entry only ever makes the proposal kinder, except for the heavier list where nothing forbids it."""
    section = discretion(PACKS[name], ON)
    statute, judgement = by_statute(codes, DUTY), judge(violation, codes, section, DUTY)
    assert KINDEST_FIRST.index(judgement.outcome) <= KINDEST_FIRST.index(statute.outcome)
    assert judgement.outcome in judgement.permitted
    assert judgement.reasons
    assert not departs(judgement, judgement.outcome)


@pytest.mark.clause("QZ-26")
def test_conflicting_entries_follow_the_documented_precedence() -> None:
    """Of entries of several lists that fit, the list that the pack names first prevails."""
    section = discretion(PACKS["national"], ON)
    assert section.list_precedence is not None
    assert section.list_precedence.value[0] == "exempt"
    cangxian = discretion(PACKS["cangxian"], ON)
    codes = frozenset({"harm_removed", "corrected", "minor", "soft_means_suffice"})
    entry = matching_entry("waste.storage_unlabelled", codes, cangxian)
    assert entry is not None
    assert entry.code == "CX-M-2"
    listed = no_coercion_entry("waste.storage_unlabelled", codes, cangxian)
    assert listed is not None
    assert listed.code == "CX-N-2"


@pytest.mark.clause("DT-06")
@given(st.sampled_from(VIOLATIONS), CODES, st.integers(0, 10**9))
def test_ranges_lie_within_the_article(violation: str, codes: frozenset[str], goods: int) -> None:
    """Every outcome's range lies within the article's, mitigated below its least fine; kinder is never dearer."""
    found = benchmark(violation)
    ranges = [fine_range(found, outcome, codes, goods, DUTY) for outcome in KINDEST_FIRST]
    top = found.uncorrected.max_fen if found.uncorrected and "refused" in codes else found.max_fen
    if found.goods_permille is not None:
        top = goods * found.goods_permille // 1000
    assert all(0 <= allowed.min_fen <= allowed.max_fen <= top for allowed in ranges)
    assert [allowed.max_fen for allowed in ranges] == sorted(allowed.max_fen for allowed in ranges)


def test_fine_waits_for_the_refusal_of_an_order() -> None:
    """Where the article wants an order to correct first, there is no fine before its refusal."""
    found = benchmark("food.label_defect")
    assert fine_range(found, "ordinary", frozenset(), None, DUTY).max_fen == 0
    assert fine_range(found, "heavier", frozenset({"refused"}), None, DUTY).max_fen == 200_000


def test_uncorrected_act_has_its_own_range() -> None:
    """Once the term of the order has passed, the article's second range applies."""
    found = fine_range(benchmark("safety.no_training_record"), "heavier", frozenset({"refused"}), None, DUTY)
    assert (found.min_fen, found.max_fen) == (10_000_000, 20_000_000)


def test_fine_by_goods_value_needs_the_value() -> None:
    """A fine that is a share of the goods' value is refused without it and rounded down with it."""
    found = benchmark("quality.no_mark")
    assert fine_range(found, "heavier", frozenset(), 1001, DUTY).max_fen == 300
    with pytest.raises(Refused) as refused:
        fine_range(found, "heavier", frozenset(), None, DUTY)
    assert refused.value.code == "benchmark.goods_value_unknown"


@pytest.mark.clause("PL-37")
@given(st.sampled_from(sorted(PACKS)), st.sampled_from(sorted(PACKS)), st.sampled_from(VIOLATIONS), CODES)
def test_change_of_law_never_harms(before: str, after: str, violation: str, codes: frozenset[str]) -> None:
    """Whatever two versions say, the proposal is no harsher than under the law of the act alone."""
    then, now = discretion(PACKS[before], ON), discretion(PACKS[after], ON)
    act = Act(violation, ON, codes, goods_value_fen=1000)
    alone, found = propose(act, then, then, BASES), propose(act, then, now, BASES)
    rank = KINDEST_FIRST.index
    assert (rank(found.judgement.outcome), found.range.max_fen) <= (rank(alone.judgement.outcome), alone.range.max_fen)


@pytest.mark.clause("PL-37")
def test_act_before_any_benchmark_is_not_judged_by_a_later_one() -> None:
    """Where no benchmark was in force on the day of the act the proposal is refused, not guessed."""
    before = discretion(PACKS["national"], date(2021, 8, 31))
    with pytest.raises(Refused) as refused:
        propose(Act("fire.exit_blocked", date(2021, 8, 31), frozenset()), before, NATIONAL, BASES)
    assert (refused.value.code, refused.value.clause) == ("benchmark.none", "PL-34")


@pytest.mark.clause("PL-36")
@given(st.dates(date(2018, 1, 1), date(2024, 12, 31)), st.booleans())
def test_limitation_ends_on_the_corresponding_day(end: date, grave: bool) -> None:
    """Two years, or five with grave harm, end on the same day of the year; for 29 February on the 28th."""
    terms = PACKS["national"].section(TermSection, on=ON)
    last = limitation(end, grave_harm=grave, terms=terms, calendar=WorkCalendar()).due
    assert last.year == end.year + (5 if grave else 2)
    assert (last.month, last.day) in ((end.month, end.day), (2, 28))


def proven(decided_on: date) -> ProvenAct:
    """An earlier act, decided on a day."""
    return ProvenAct("c0", "n0", decided_on - timedelta(days=1), decided_on)


@pytest.mark.clause("DT-07")
@pytest.mark.parametrize(
    ("decided", "expected"),
    [
        ([], {"first_offence"}),
        ([date(2024, 1, 4)], {"first_offence"}),
        ([date(2024, 1, 5)], {"repeated"}),
        ([date(2026, 1, 4)], {"repeated"}),
        ([date(2026, 1, 5)], set()),
        ([date(2026, 3, 1)], set()),
    ],
)
def test_history_decides_what_is_first_and_what_is_repeated(decided: list[date], expected: set[str]) -> None:
    """An act within two years makes the next one no first; decided before it, it makes it repeated."""
    history = [proven(day) for day in decided]
    found = established({"first_offence", "corrected"}, history, act_on=ON, period_years=2)
    assert found == expected | {"corrected"}


@pytest.mark.clause("PL-51")
@pytest.mark.parametrize(
    ("kind", "fine", "kinds", "expected"),
    [
        ("individual", 20_000, ["fine"], []),
        ("individual", 20_001, ["fine"], ["summary.fine_above_limit"]),
        ("company", 300_000, ["fine", "warning"], []),
        ("company", 300_001, ["fine"], ["summary.fine_above_limit"]),
        ("cooperative", 300_000, ["fine"], []),
        ("company", 0, ["warning"], []),
        ("company", 0, ["suspension"], ["summary.kind"]),
        ("company", 300_001, ["confiscation"], ["summary.fine_above_limit", "summary.kind"]),
    ],
)
def test_summary_limits(kind: str, fine: int, kinds: list[str], expected: list[str]) -> None:
    """200 yuan for a citizen and 3,000 yuan for an organisation, exactly; warning and fine only."""
    refusals = beyond_summary(party_of(kind), fine, kinds, PROCEDURE)
    assert [refusal.code for refusal in refusals] == expected
    assert {refusal.clause for refusal in refusals} <= {"PL-51"}


@pytest.mark.clause("QZ-31")
@pytest.mark.parametrize(
    ("fine", "kinds", "expected"),
    [
        (4_999_999, ["fine"], ()),
        (5_000_000, ["fine"], ("large_fine",)),
        (0, ["licence_revocation"], ("licence_revocation",)),
        (5_000_000, ["fine", "closure"], ("large_fine", "closure")),
        (0, ["warning"], ()),
    ],
)
def test_heavy_kinds_of_quzhou(fine: int, kinds: list[str], expected: tuple[str, ...]) -> None:
    """A large fine counts from its exact amount on; each heavy kind counts by itself."""
    assert heavy_grounds(fine, kinds, QUZHOU) == expected


def test_pack_without_heavy_kinds_files_nothing() -> None:
    """Where the document sets no filing of heavy cases, none is heavy, but a hearing may still be due."""
    assert heavy_grounds(10**9, ["fine", "closure"], PROCEDURE) == ()
    assert hearing_grounds(10**9, ["fine", "closure"], PROCEDURE) == ("large_fine", "closure")


@pytest.mark.parametrize("name", sorted(PACKS))
def test_every_pack_can_be_read(name: str) -> None:
    """All sections that penalty reads are complete in every pack."""
    sections: list[Any] = [
        value for value in vars(policy).values() if isinstance(value, type) and hasattr(value, "prefix")
    ]
    assert len(sections) >= 8
    assert [error for section in sections for error in load_pack(name).problems(section, on=ON)] == []
