"""What an item needs for its publication, and what its use says."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wurao.common.errors import Conflict, Refused
from wurao.common.packs import Bases, load_packs
from wurao.registry.domain.items import CANCELLED, Draft, cancel, require_publishable
from wurao.registry.domain.usage import Thresholds, Usage, decided, judge, months_before

DRAFT = Draft("i01", "餐饮检查", "食品安全法", "第一百一十条", "on_site", "form-1", 4)
SINCE = date(2025, 1, 10)
BASES = {name: pack.section(Bases, on=date(2026, 1, 5)) for name, pack in load_packs().items()}


@pytest.mark.parametrize(
    ("change", "pack", "clause"),
    [
        ({"law": ""}, "dingtao", "DT-10"),
        ({"article": "  "}, "dingtao", "DT-10"),
        ({"article": "  "}, "quzhou", "PL-54"),
        ({"questions": 0}, "quzhou", "QZ-04"),
        ({"questions": 0, "form_id": None}, "quzhou", "QZ-04"),
        ({"questions": 0, "method": "off_site"}, "cangxian", "BE-58"),
    ],
)
def test_an_item_without_basis_or_form_is_refused(change: dict[str, Any], pack: str, clause: str) -> None:
    """An item needs law and article, and the questions of its form."""
    with pytest.raises(Refused) as refused:
        require_publishable("published", [DRAFT, replace(DRAFT, **change)], BASES[pack])
    assert [why.clause for why in refused.value.refusals] == [clause]


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        (date(2026, 1, 5), 12, date(2025, 1, 5)),
        (date(2026, 3, 31), 1, date(2026, 2, 28)),
        (date(2024, 2, 29), 12, date(2023, 2, 28)),
        (date(2026, 1, 31), 2, date(2025, 11, 30)),
    ],
)
def test_a_month_is_a_month_of_the_calendar(day: date, months: int, before: date) -> None:
    """Twelve months reach back to the same day of the year before, not 360 days."""
    assert months_before(day, months) == before


def test_an_off_site_item_may_go_without_a_form() -> None:
    """What is checked from data has no on-site record, so it needs no form."""
    draft = replace(DRAFT, method="off_site", form_id=None, questions=0)
    require_publishable("published", [draft], BASES["national"])


@pytest.mark.parametrize("state", ["confirmed", "withdrawn"])
def test_all_reasons_are_named_at_once(state: str) -> None:
    """An unpublished agency and every faulty draft are each a reason."""
    with pytest.raises(Refused) as refused:
        require_publishable(state, [replace(DRAFT, law=""), replace(DRAFT, questions=0)], BASES["dingtao"])
    assert [why.clause for why in refused.value.refusals] == ["DT-01", "DT-10", "BE-58"]


def test_nothing_is_cancelled_twice() -> None:
    """A cancelled item cannot be cancelled again."""
    assert cancel("published", BASES["quzhou"]) == CANCELLED
    with pytest.raises(Conflict) as refused:
        cancel(CANCELLED, BASES["quzhou"])
    assert refused.value.clause == "QZ-03"


THRESHOLDS = Thresholds(frequent_from=100, fruitless_from=30)
LONG_AGO = date(2020, 1, 1)


@pytest.mark.parametrize(
    ("usage", "findings"),
    [
        (Usage(100, 1, date(2026, 1, 4), LONG_AGO), ("frequent",)),
        (Usage(100, 0, date(2026, 1, 4), LONG_AGO), ("frequent", "fruitless")),
        (Usage(99, 1, date(2026, 1, 4), LONG_AGO), ()),
        (Usage(30, 0, date(2026, 1, 4), LONG_AGO), ("fruitless",)),
        (Usage(29, 0, date(2026, 1, 4), LONG_AGO), ()),
        (Usage(0, 0, None, date(2025, 1, 9)), ("unused",)),
        (Usage(0, 0, date(2025, 1, 9), LONG_AGO), ("unused",)),
        (Usage(0, 0, None, date(2025, 1, 10)), ()),
        (Usage(1, 0, date(2025, 1, 10), LONG_AGO), ()),
    ],
)
def test_use_is_judged_by_count_yield_and_last_day(usage: Usage, findings: tuple[str, ...]) -> None:
    """The bounds of frequent, fruitless and unused are exact; a young item is not unused yet."""
    assert judge(usage, SINCE, THRESHOLDS) == findings


@given(st.integers(0, 500), st.integers(1, 400), st.dates(date(2019, 1, 1), date(2026, 1, 1)))
def test_more_use_never_makes_an_item_unused(inspections: int, more: int, last: date) -> None:
    """More use takes the finding "unused" away and never that of frequency."""
    before = judge(Usage(inspections, 1, last, LONG_AGO), SINCE, THRESHOLDS)
    after = judge(Usage(inspections + more, 1, max(last, SINCE), LONG_AGO), SINCE, THRESHOLDS)
    assert "unused" not in after
    assert "frequent" not in before or "frequent" in after


def test_a_proposal_is_decided_once() -> None:
    """An open proposal is accepted or dismissed; afterwards it stays so."""
    assert decided("open", cancel=True, bases=BASES["quzhou"]) == "accepted"
    assert decided("open", cancel=False, bases=BASES["quzhou"]) == "dismissed"
    with pytest.raises(Conflict):
        decided("accepted", cancel=False, bases=BASES["quzhou"])
