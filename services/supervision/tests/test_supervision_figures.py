"""Counting and figures: what events add, and what follows from sums."""

from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from wurao.common.contracts.checkin import EntryRefused, InspectionFinished
from wurao.common.contracts.penalty import FinePaid, PenaltyDecided
from wurao.common.contracts.scheduling import InspectionRefused
from wurao.common.contracts.shared import Refusal
from wurao.supervision.domain.figures import Rule, Totals, figures, permille
from wurao.supervision.domain.statistics import COUNTED, Count, add_up, counts, is_certificate_reason
from wurao.supervision.pages.board import board_page
from wurao.supervision.pages.charts import Bar, bars, ring

COUNTS = st.lists(
    st.builds(
        Count,
        area=st.sampled_from(["130921", "130922"]),
        day=st.dates(date(2026, 1, 1), date(2026, 1, 3)),
        figure=st.sampled_from(["started", "finished"]),
        dimension=st.sampled_from(["", "scan"]),
        n=st.integers(0, 5),
    )
)


def refused(*reasons: tuple[str, str]) -> InspectionRefused:
    """A refusal at the gate, by code and clause."""
    return InspectionRefused(
        refusal_id="r",
        stage="task",
        agency_id="market",
        area="130921",
        requested_by="planner",
        refused_at=datetime(2026, 1, 5, 17, 0, tzinfo=UTC),
        refusals=tuple(Refusal(code=code, clause=clause, cite="文号", message="不准") for code, clause in reasons),
        version=1,
    )


@given(COUNTS)
def test_sums_lose_nothing_and_come_in_one_order(increments: list[Count]) -> None:
    """Adding up keeps the total, has one entry a counter, and orders them as every writer does."""
    found = add_up(increments)
    assert sum(found.values()) == sum(count.n for count in increments)
    assert list(found) == sorted(found)
    assert found == add_up(reversed(increments))


@given(st.lists(st.tuples(st.sampled_from(["a", "b", "c"]), st.sampled_from(["QZ-16", "YZ-09"])), min_size=1))
def test_refusal_counts_once_and_each_reason_once(reasons: list[tuple[str, str]]) -> None:
    """However many reasons a refusal has, it is one refusal, and one for each of its clauses and codes."""
    found = counts(refused(*reasons))
    by_figure = {figure: [c.dimension for c in found if c.figure == figure] for figure in {c.figure for c in found}}
    assert by_figure["refused"] == ["task"]
    assert sorted(by_figure["refused.clause"]) == sorted({clause for _, clause in reasons})
    assert sorted(by_figure["refused.code"]) == sorted({code for code, _ in reasons})


def test_events_count_on_the_legal_day() -> None:
    """Five in the afternoon UTC is the next day in Shanghai."""
    assert {count.day for count in counts(refused(("a", "QZ-16")))} == {date(2026, 1, 6)}


def test_amounts_are_never_counted() -> None:
    """A fine of any amount counts as one case and one payment (DT-06)."""
    decided = PenaltyDecided(
        case_id="c",
        case_no="1",
        enterprise_id="e",
        agency_id="market",
        area="130921",
        procedure="ordinary",
        violation="v",
        outcome="ordinary",
        fine_fen=9_999_999,
        kinds=("fine",),
        educated=False,
        decided_on=date(2026, 1, 5),
        officers=(),
        version=1,
    )
    paid = FinePaid(
        case_id="c",
        enterprise_id="e",
        agency_id="market",
        area="130921",
        paid_fen=9_999_999,
        surcharge_fen=7,
        settled=True,
        paid_on=date(2026, 1, 5),
        version=2,
    )
    assert {count.n for event in (decided, paid) for count in counts(event)} == {1}
    part = paid.model_copy(update={"settled": False})
    assert counts(part) == []


def test_every_counted_event_says_how() -> None:
    """The table of counted events holds refusals, visits and decisions, each with an area of its own."""
    assert {InspectionRefused, EntryRefused, InspectionFinished, PenaltyDecided} <= COUNTED.keys()
    assert all("area" in event.model_fields for event in COUNTED)


def test_certificate_reasons_are_told_from_others() -> None:
    """Missing, suspended and expired certificates are reasons about certificates; a wrong window is not."""
    codes = ["door.not_certified", "door.certificate_expired", "door.officer_exited", "door.outside_window"]
    found = [is_certificate_reason(Refusal(code=c, clause="YZ-09", cite="", message="")) for c in codes]
    assert found == [True, True, True, False]


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_rates_never_say_more_than_happened(on_time: int, late: int) -> None:
    """A share is between nothing and all, all only if nothing was late, and absent where there was nothing."""
    share = permille(on_time, on_time + late)
    if on_time + late == 0:
        assert share is None
        return
    assert share is not None
    assert 0 <= share <= 1000
    assert (share == 1000) == (late == 0)
    assert share * (on_time + late) <= on_time * 1000


SUMS = st.dictionaries(
    st.sampled_from(
        [
            ("refused", "task"),
            ("refused", "door"),
            ("refused.clause", "QZ-16"),
            ("refused.code", "cap"),
            ("started", "scan"),
            ("started", "exception"),
            ("finished", "scan"),
            ("minutes", ""),
            ("merge.visits", ""),
            ("merge.unmerged", ""),
            ("evaluation", "1"),
            ("evaluation", "5"),
            ("complaint.closed", "late"),
            ("complaint.filed", "gift"),
            ("case.decided", "waived"),
            ("alert.raised", "late_filing"),
            ("unheard.of", "x"),
        ]
    ),
    st.integers(0, 10**9),
)


@given(SUMS)
def test_figures_follow_from_any_sums(sums: dict[tuple[str, str], int]) -> None:
    """Whatever was counted, totals equal their parts, means stay on their scale, and the page renders."""
    totals = Totals(sums)
    found = figures(totals, totals, [], {})
    assert found.refusals.total == sum(found.refusals.by_stage.values())
    assert found.inspections.started == found.inspections.by_scan + found.inspections.by_exception
    assert found.merging.saved == found.merging.visits_unmerged - found.merging.visits
    assert found.evaluations.mean is None or 1 <= found.evaluations.mean <= 5
    page = board_page("沧县", date(2026, 1, 1), date(2026, 3, 31), found, datetime(2026, 4, 1, tzinfo=UTC))
    assert page.startswith("<!doctype html>")
    assert page.count("<section") == page.count("</section>") == 7


def test_what_is_overdue_and_undone_lowers_the_share() -> None:
    """Three calls in time, one late and five never made: a third in time, since six missed their day."""
    totals = Totals({("callback.done", "on_time"): 3, ("callback.done", "late"): 1, ("callback.overdue", ""): 6})
    assert figures(totals, totals, [], {}).callbacks.on_time_permille == 333


def test_codes_carry_the_rules_sentence() -> None:
    """A code is shown with clause, citation and sentence; the clause with its title."""
    rule = Rule(code="cap", clause="QZ-16", cite="文号 二(一)8", message="已达上限")
    totals = Totals({("refused.code", "cap"): 3, ("refused.clause", "QZ-16"): 3})
    found = figures(totals, totals, [rule], {"QZ-16": "次数上限"}).refusals
    assert found.by_code[0].model_dump() == {**rule.model_dump(), "count": 3}
    assert (found.by_clause[0].title, found.by_clause[0].cite) == ("次数上限", "文号 二(一)8")


@given(st.text(max_size=20), st.integers(-5, 10**12))
def test_charts_escape_what_they_show(name: str, value: int) -> None:
    """No name breaks out of the page, and every drawn value is also text."""
    drawn = bars([Bar(name + "<b>&", value)], unit="次")
    assert "<b>" not in drawn
    assert f"{value:,}" in drawn or value <= 0


def test_ring_says_its_share_to_those_who_cannot_see_it() -> None:
    """The drawing is labelled with title and percentage; nothing done is a dash, not zero."""
    assert 'aria-label="投诉办结 95.3%"' in ring("投诉办结", 953, "")
    assert 'aria-label="投诉办结 —"' in ring("投诉办结", None, "")
