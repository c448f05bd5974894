"""The rules of activation, without a database."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wurao.common.errors import Conflict
from wurao.common.packs import load_pack
from wurao.registry.domain import activations as rules
from wurao.registry.domain.activations import Term

TODAY = date(2026, 1, 5)
DAYS = st.dates(date(2025, 6, 1), date(2026, 6, 1))


@given(st.sets(DAYS, min_size=1), DAYS)
def test_one_approved_pack_at_most_is_in_force(days: set[date], today: date) -> None:
    """Of any approved packs the latest begun one is in force, earlier ones are past, later ones scheduled."""
    terms = [Term(day.isoformat(), day) for day in days]
    found = {
        term.effective_from: rules.standing(term.activation_id, rules.APPROVED, term.effective_from, terms, today)
        for term in terms
    }
    begun = [day for day in days if day <= today]
    assert {day for day, standing in found.items() if standing == "scheduled"} == days - set(begun)
    assert [day for day, standing in found.items() if standing == "in_force"] == ([max(begun)] if begun else [])


@pytest.mark.parametrize("state", [rules.PROPOSED, rules.REJECTED, rules.WITHDRAWN, rules.REPLACED])
def test_what_is_not_approved_stands_as_it_was_left(state: str) -> None:
    """A state other than approved does not depend on the day, and every standing has a Chinese name."""
    assert rules.standing("a", state, TODAY, [], TODAY) == state
    assert rules.STANDINGS[state]


@pytest.mark.parametrize(
    ("state", "day", "may"),
    [
        (rules.PROPOSED, TODAY, True),
        (rules.APPROVED, TODAY + timedelta(days=1), True),
        (rules.APPROVED, TODAY, False),
        (rules.REJECTED, TODAY + timedelta(days=1), False),
        (rules.WITHDRAWN, TODAY + timedelta(days=1), False),
        (rules.REPLACED, TODAY + timedelta(days=1), False),
    ],
)
def test_what_may_be_withdrawn(state: str, day: date, may: bool) -> None:
    """Proposals always, approved packs until the day before they act, nothing else."""
    if may:
        rules.require_withdrawable(state, day, TODAY)
    else:
        with pytest.raises(Conflict):
            rules.require_withdrawable(state, day, TODAY)


def test_the_documents_first_day_is_the_earliest() -> None:
    """On the document's first day a pack may act, the day before it may not, reason or none."""
    pack = load_pack("quzhou")
    rules.require_day(pack, date(2025, 5, 12), TODAY, "追溯")
    with pytest.raises(Conflict, match="2025-05-12"):
        rules.require_day(pack, date(2025, 5, 11), TODAY, "追溯")
    rules.require_day(pack, TODAY, TODAY, "")
