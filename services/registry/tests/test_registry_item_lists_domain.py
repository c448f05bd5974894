"""The life of an item list, and the digest that anybody can compute anew."""

import hashlib
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wurao.common.errors import Conflict, Refused
from wurao.common.packs import Bases, load_packs
from wurao.registry.domain import item_lists as rules

BASES = load_packs()["quzhou"].section(Bases, on=date(2026, 1, 5))
STATES = (
    rules.REVIEWING,
    rules.PASSED,
    rules.RETURNED,
    rules.WITHDRAWN,
    rules.PUBLISHED,
    rules.REPLACED,
)
LAWFUL = {
    ("reviewing", "passed"),
    ("reviewing", "returned"),
    ("reviewing", "withdrawn"),
    ("passed", "published"),
    ("passed", "withdrawn"),
    ("published", "replaced"),
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("to", STATES)
def test_a_list_takes_only_lawful_steps(state: str, to: str) -> None:
    """Nothing is published without review, and what is published is only ever replaced."""
    if (state, to) in LAWFUL:
        assert rules.step(state, to, BASES) == to
        return
    with pytest.raises(rules.WrongState) as refused:
        rules.step(state, to, BASES)
    assert refused.value.clause == "QZ-03"


@given(st.lists(st.sampled_from(STATES), min_size=2, max_size=8))
def test_whatever_is_published_was_reviewed(wanted: list[str]) -> None:
    """On every path that the rules let through, publication comes right behind a passed review."""
    path = [rules.REVIEWING]
    for to in wanted:
        if (path[-1], to) in LAWFUL:
            path.append(rules.step(path[-1], to, BASES))
    assert all(before == rules.PASSED for before, after in pairwise(path) if after == rules.PUBLISHED)


@pytest.mark.parametrize(("year", "fine"), [(2025, False), (2026, True), (2027, True), (2028, False)])
def test_lists_are_drawn_up_for_this_year_or_the_next(year: int, fine: bool) -> None:
    """A past year's list is history, and one beyond the next year is guesswork."""
    if fine:
        rules.require_year(year, date(2026, 1, 5), BASES)
        return
    with pytest.raises(Conflict) as refused:
        rules.require_year(year, date(2026, 1, 5), BASES)
    assert refused.value.code == "item_list.bad_year"


@pytest.mark.parametrize(
    "reviewer",
    [
        {"standing": "suspended", "reviews": True, "qualified": True},
        {"standing": "certified", "reviews": False, "qualified": True},
        {"standing": "certified", "reviews": True, "qualified": False},
    ],
)
def test_only_qualified_reviewers_review(reviewer: dict[str, Any]) -> None:
    """An officer without standing, post or qualification does not review."""
    with pytest.raises(Refused):
        rules.require_reviewer(**reviewer, bases=BASES)
    rules.require_reviewer("certified", reviews=True, qualified=True, bases=BASES)


CONTENT = st.fixed_dictionaries({"name": st.text(max_size=5), "minutes": st.integers(1, 240)})
LISTS = st.dictionaries(st.text("abc", min_size=1, max_size=3), CONTENT, max_size=5)


@given(LISTS, st.randoms())
def test_the_digest_follows_from_the_items_alone(listed: dict[str, dict[str, Any]], random: Any) -> None:
    """The order of items does not matter; any change of any item does."""
    contents = [{"item_id": item_id, **said} for item_id, said in listed.items()]
    shuffled = contents[:]
    random.shuffle(shuffled)
    assert rules.digest(contents) == rules.digest(shuffled)
    for at, content in enumerate(contents):
        changed = [*contents[:at], {**content, "minutes": content["minutes"] + 1}, *contents[at + 1 :]]
        assert rules.digest(changed) != rules.digest(contents)


def test_the_digest_is_what_the_description_says() -> None:
    """One line of canonical JSON for each item, in the order of the ids."""
    lines = '{"item_id":"a","name":"甲"}\n{"item_id":"b","name":"乙"}\n'
    contents = [{"name": "乙", "item_id": "b"}, {"name": "甲", "item_id": "a"}]
    assert rules.digest(contents) == hashlib.sha256(lines.encode()).hexdigest()
