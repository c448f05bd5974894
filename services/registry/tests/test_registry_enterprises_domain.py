"""The life of an enterprise, what it was on a day, its industry, and which two may be one."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wurao.common.errors import Conflict
from wurao.common.uscc import is_valid_uscc
from wurao.registry.domain.duplicates import CROWD, Member, organisation_code, pairs, reasons, similarity
from wurao.registry.domain.enterprises import Past, as_of, differences, require_parent, step, verb_of
from wurao.registry.domain.industries import BEGINNINGS, SECTIONS, checked_industry

FIRST = date(2026, 1, 1)
CODES = (
    "91110108551385082Q",
    "91350100M000100Y43",
    "9144030071526726XG",
    "91330100799655058B",
    "11330800002618015K",
    "918587832P12455XH0",
)


@given(st.lists(st.dictionaries(st.sampled_from("abc"), st.integers(0, 3), min_size=1), max_size=8))
def test_looking_back_gives_what_was(changes: list[dict[str, int]]) -> None:
    """On the day of each change the particulars are those that it left behind."""
    states: list[dict[str, Any]] = [{"a": 0, "b": 0, "c": 0}]
    deeds = []
    for number, change in enumerate(changes):
        before, after = differences(states[-1], change)
        deeds.append(Past(FIRST + timedelta(days=number), f"{number:03d}", before))
        states.append(states[-1] | after)
    for number, state in enumerate(states):
        assert as_of(states[-1], deeds, FIRST + timedelta(days=number - 1)) == state


def test_each_step_of_life_has_its_status() -> None:
    """Business is suspended, resumed and closed in this order only; nothing leaves deregistration."""
    allowed = {("registered", "suspended"), ("suspended", "resumed")}
    allowed |= {("registered", "deregistered"), ("suspended", "deregistered")}
    for status in ("registered", "suspended", "deregistered"):
        for verb in ("suspended", "resumed", "deregistered"):
            if (status, verb) in allowed:
                assert step(status, verb) == {"resumed": "registered"}.get(verb, verb)
            else:
                with pytest.raises(Conflict):
                    step(status, verb)
    assert [verb_of(names) for names in (["name", "area"], ["name", "size"], ["size"])] == [
        "moved",
        "renamed",
        "changed",
    ]


@pytest.mark.parametrize(("kind", "parent"), [("branch", None), ("company", CODES[0]), ("branch", CODES[1])])
def test_a_branch_and_only_a_branch_has_a_parent(kind: str, parent: str | None) -> None:
    """A branch without a parent, a company with one, and a branch of itself are refused."""
    with pytest.raises(Conflict):
        require_parent(kind, parent, CODES[1])
    require_parent("branch", CODES[0], CODES[1])


def test_industries_are_those_of_the_standard() -> None:
    """Twenty sections share ninety-seven divisions without gap or overlap; a wrong section names the right range."""
    assert (len(SECTIONS), len(BEGINNINGS)) == (20, 97)
    assert sorted(code[1:] for code in BEGINNINGS) == [f"{division:02d}" for division in range(1, 98)]
    assert checked_industry("C1391") == "C1391"
    with pytest.raises(ValueError, match="13 至 43"):
        checked_industry("C6210")


def test_credit_codes_of_registers_in_use_name_their_organisation() -> None:
    """Every vector of the standard is valid and has the organisation code in its place; a mistyped one is not."""
    assert all(is_valid_uscc(code) for code in CODES)
    assert not is_valid_uscc("91310115MA1H8R7C6D")
    assert [organisation_code(code) for code in CODES[:2]] == ["551385082", "M000100Y4"]


def test_pairs_have_reasons_and_crowds_have_none() -> None:
    """One pair carries every ground it has; names at one address must be alike; a whole market proposes nobody."""
    one, two, other = (
        Member("A", "衢州信源食品有限公司", "company"),
        Member("B", "信源食品厂", "company"),
        Member("C", "东方运输", "company"),
    )
    found = pairs([("same_name", "信源", [two, one]), ("same_address", "上街1号", [one, two, other])])
    assert list(found) == [("A", "B")]
    assert reasons(found["A", "B"]) == ["同一县（市、区）内名称相同（信源）", "住所相同（上街1号），名称相近"]
    market = [Member(f"{number}", "信源食品厂", "individual") for number in range(CROWD + 1)]
    assert pairs([("same_address", "市场", market)]) == {}


@given(st.text(max_size=12), st.text(max_size=12))
def test_similarity_is_symmetric_and_bounded(one: str, other: str) -> None:
    """It lies between 0 and 1, is the same both ways, and is 1 for equal names."""
    assert similarity(one, other) == similarity(other, one)
    assert 0 <= similarity(one, other) <= 1
    assert similarity(one, one) == 1
