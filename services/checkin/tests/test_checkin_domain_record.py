"""Records, digests, tallies, declines and filing periods, pure."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wurao.checkin.domain import declines, evaluation, filings, record
from wurao.checkin.domain.canonical import canonical, digest
from wurao.checkin.domain.policy import FilingSection, law_of
from wurao.common.contracts.shared import Question
from wurao.common.packs import Bases, load_pack
from wurao.common.workdays import WorkCalendar

DAY = date(2026, 1, 5)
BASES = load_pack("quzhou").section(Bases, on=DAY)
FORM = record.Form(
    (
        Question(question_id="y", text="是否", kind="yes_no", mandatory=True),
        Question(question_id="n", text="数", kind="number", mandatory=False),
        Question(question_id="t", text="述", kind="text", mandatory=True),
    ),
    ("i", "j"),
)
GOOD = record.Record(
    (("y", True), ("n", 1.5), ("t", "好")),
    (("i", "conform"), ("j", "violation")),
    (record.FindingNote("j", "food.label_defect"),),
)
values = st.one_of(st.booleans(), st.integers(-9, 9), st.floats(-9, 9), st.text(max_size=3))


def codes(draft: record.Record) -> list[str]:
    """What the form has against a record."""
    return [refusal.code for refusal in record.check(draft, FORM, BASES)]


def test_good_record_passes() -> None:
    """A record that follows the form has nothing against it; an optional answer may be missing."""
    assert codes(GOOD) == []
    assert codes(record.Record((GOOD.answers[0], GOOD.answers[2]), GOOD.results, GOOD.findings)) == []


@given(
    st.lists(st.tuples(st.sampled_from("yntx"), values), max_size=5),
    st.lists(st.tuples(st.sampled_from("ijk"), st.sampled_from(["conform", "violation"])), max_size=4),
    st.lists(st.sampled_from("ijk"), max_size=3),
)
def test_only_complete_records_pass(
    answers: list[tuple[str, record.Value]], results: list[tuple[str, str]], found: list[str]
) -> None:
    """A record passes exactly if answers, results and findings fit the form, by an independent reading."""
    draft = record.Record(tuple(answers), tuple(results), tuple(record.FindingNote(item, "x.y") for item in found))
    given_answers, given_results = dict(answers), dict(results)
    complete = (
        len(given_answers) == len(answers)
        and given_answers.keys() - {"n"} == {"y", "t"}
        and isinstance(given_answers.get("y"), bool)
        and isinstance(given_answers.get("n", 0), int | float)
        and not isinstance(given_answers.get("n"), bool)
        and isinstance(given_answers.get("t"), str)
        and bool(str(given_answers.get("t")).strip())
        and sorted(item for item, _ in results) == ["i", "j"]
        and {item for item, result in given_results.items() if result == "violation"} == set(found)
    )
    assert (codes(draft) == []) == complete


documents = st.dictionaries(st.text(max_size=3), st.integers() | st.text(max_size=3), max_size=4)


@given(documents, documents)
def test_digest_depends_on_content_alone(one: dict[str, int | str], other: dict[str, int | str]) -> None:
    """Order of keys changes no digest; documents have one digest exactly if they are equal."""
    assert digest(canonical(one)) == digest(canonical(dict(reversed(one.items()))))
    assert (digest(canonical(one)) == digest(canonical(other))) == (one == other)


def test_instants_are_spelled_in_one_way() -> None:
    """The same instant in two time zones has one spelling; what has none is refused."""
    instant = datetime(2026, 1, 5, 9, 0, tzinfo=timezone(timedelta(hours=8)))
    assert canonical({"at": instant}) == canonical({"at": instant.astimezone(UTC)})
    with pytest.raises(TypeError):
        canonical({"x": {1, 2}})
    with pytest.raises(ValueError, match="JSON"):
        canonical({"x": float("nan")})


def test_evidence_order_does_not_matter() -> None:
    """The signed digest covers the set of evidence, and each change of a piece changes it."""
    one = {"evidence_id": "1", "sha256": "a"}
    two = {"evidence_id": "2", "sha256": "b"}
    base = record.record_digest({}, {}, [one, two])
    assert base == record.record_digest({}, {}, [two, one])
    assert base != record.record_digest({}, {}, [one])
    assert base != record.record_digest({}, {}, [one, two | {"sha256": "c"}])


ratings = st.builds(
    evaluation.Rating,
    st.integers(1, 5),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)


@given(st.lists(ratings, max_size=12))
def test_figures_move_in_steps_of_three(given_ratings: list[evaluation.Rating]) -> None:
    """Figures are those of the largest multiple of three, and none below three; the count is always whole."""
    tally = evaluation.Tally({}, {})
    for rating in given_ratings:
        tally = tally.add(rating)
    shown = evaluation.figures(tally)
    released = given_ratings[: len(given_ratings) // 3 * 3]
    assert tally.count == len(given_ratings)
    assert (shown is None) == (not released)
    if shown is not None:
        exact = sum(rating.satisfaction for rating in released) / len(released) * 100
        assert shown.ratings == len(released)
        assert abs(shown.satisfaction_hundredths - exact) <= 0.5
        assert abs(shown.disturbed_permille - sum(r.disturbed for r in released) / len(released) * 1000) <= 0.5


@pytest.mark.parametrize(
    ("pack", "reason", "clause"),
    [
        ("yongzhou", "no_certificate", "YZ-09"),
        ("linxia", "no_certificate", "LX-03"),
        ("linxia", "one_officer", "LX-03"),
        ("quzhou", "one_officer", "PL-42"),
        ("yongzhou", "no_code", "YZ-01"),
        ("cangxian", "no_code", "CX-08"),
        ("quzhou", "no_code", "QZ-11"),
        ("linxia", "no_code", "LX-01"),
        ("quzhou", "not_named", "QZ-09"),
        ("dingtao", "not_named", "BE-58"),
        ("dingtao", "other", "DT-08"),
        ("quzhou", "other", "BE-69"),
    ],
)
def test_declines_cite_the_pack(pack: str, reason: declines.Reason, clause: str) -> None:
    """A refusal by the enterprise rests on the clause of its own jurisdiction."""
    assert declines.basis(reason, law_of(load_pack(pack), DAY)).clause == clause
    assert declines.is_no_fault(reason) == (reason != "other")


@given(st.integers(0, 518 * 24 * 60))
def test_makeup_ends_with_the_next_working_day(minutes: int) -> None:
    """One working day after the end: the due day is worked, later than the day of the end, and the first such."""
    finished = datetime(2025, 7, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    calendar = WorkCalendar()
    due = filings.makeup_due(finished, load_pack("quzhou").section(FilingSection, on=DAY), calendar)
    assert due is not None
    ended = finished.astimezone(due.at.tzinfo).date()
    days = [ended + timedelta(days=n) for n in range(1, (due.due - ended).days + 1)]
    assert [calendar.is_workday(day) for day in days] == [False] * (len(days) - 1) + [True]
    assert not filings.is_late(due.at, due.at, False)
    assert filings.is_late(due.at + timedelta(microseconds=1), due.at, False)
    assert filings.is_late(due.at, due.at, True)


@pytest.mark.parametrize(
    ("pack", "filing", "state"),
    [
        ("quzhou", None, "awaiting"),
        ("quzhou", "f", "filed"),
        ("cangxian", "f", "filed"),
        ("yongzhou", None, "not_required"),
    ],
)
def test_filing_opens_as_the_pack_says(pack: str, filing: str | None, state: str) -> None:
    """An exceptional entry begins filed, awaiting its filing, or free of one."""
    assert filings.opening_state(filing, law_of(load_pack(pack), DAY)) == state
