"""Administrative areas."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wurao.common.area import COUNTRY, Level, canonical, chain, common_superior, covers, level, prefix

TWO = st.integers(1, 3).map("{:02}".format)


@st.composite
def areas(draw: st.DrawFn) -> str:
    """Draw an area of any level from a small country, so that areas often lie in one another."""
    province, prefecture, county = draw(st.sampled_from(["33", "44"])), draw(TWO), draw(TWO)
    township = draw(st.integers(1, 3).map("{:03}".format))
    return draw(
        st.sampled_from(
            [
                COUNTRY,
                f"{province}0000",
                f"{province}{prefecture}00",
                f"{province}{prefecture}{county}",
                f"{province}{prefecture}{county}000",
                f"{province}{prefecture}{county}{township}",
                f"{province}{prefecture}00{township}",
            ]
        )
    )


@pytest.mark.parametrize(
    ("area", "short", "name", "code"),
    [
        ("000000", "", "country", "000000"),
        ("330000", "33", "province", "330000"),
        ("330800", "3308", "prefecture", "330800"),
        ("330800000", "3308", "prefecture", "330800"),
        ("330802", "330802", "county", "330802"),
        ("330802000", "330802", "county", "330802"),
        ("330802001", "330802001", "township", "330802001"),
        ("441900003", "441900003", "township", "441900003"),
        ("100000", "10", "province", "100000"),
        ("331000", "3310", "prefecture", "331000"),
        ("330110", "330110", "county", "330110"),
    ],
)
def test_a_code_tells_its_level(area: str, short: str, name: Level, code: str) -> None:
    """Only pairs of zeros are stripped, never a zero that belongs to a number such as 331000."""
    assert (prefix(area), level(area), canonical(area)) == (short, name, code)


@pytest.mark.parametrize(
    "area",
    [
        "",
        "33",
        "33080",
        "3308020",
        "330002",
        "000100",
        "330000001",
        "33080a",
        "３３0800",
        "330802\n",
        "000001",
    ],
)
def test_other_text_is_no_area(area: str) -> None:
    """Wrong lengths, wrong characters and levels left out are refused."""
    with pytest.raises(ValueError, match="行政区划代码不正确"):
        prefix(area)


@pytest.mark.parametrize(
    ("area", "other", "expected"),
    [
        ("000000", "330802001", True),
        ("330800", "330802", True),
        ("330802", "330802000", True),
        ("330802", "330800", False),
        ("330800", "330900", False),
        ("330100", "331000", False),
        ("441900", "441900003", True),
    ],
)
def test_an_area_covers_what_lies_in_it(area: str, other: str, expected: bool) -> None:
    """An area covers itself and what lies below it, nothing beside or above it."""
    assert covers(area, other) is expected


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("330802", "330803", "330800"),
        ("330802", "330100", "330000"),
        ("330802", "440100", "000000"),
        ("330802001", "330802", "330802"),
        ("330802001", "330802001", "330802001"),
        ("441900003", "441900004", "441900"),
        ("331000", "330100", "330000"),
    ],
)
def test_two_areas_meet_in_their_smallest_superior(a: str, b: str, expected: str) -> None:
    """Beside each other they meet one level up; one within the other, at the larger."""
    assert common_superior(a, b) == expected


@given(areas(), areas(), areas())
def test_covering_is_an_order(a: str, b: str, c: str) -> None:
    """Covering is reflexive and transitive, and mutual only between spellings of one area."""
    assert covers(a, a)
    assert covers(COUNTRY, a)
    assert not (covers(a, b) and covers(b, c)) or covers(a, c)
    assert (covers(a, b) and covers(b, a)) == (canonical(a) == canonical(b))


@given(areas(), areas(), areas())
def test_the_common_superior_is_the_smallest(a: str, b: str, c: str) -> None:
    """It covers both, does not depend on their order, and every area that covers both covers it."""
    superior = common_superior(a, b)
    assert covers(superior, a)
    assert covers(superior, b)
    assert superior == common_superior(b, a)
    assert not (covers(c, a) and covers(c, b)) or covers(c, superior)


@given(areas(), areas())
def test_covering_is_a_common_beginning_of_codes(a: str, b: str) -> None:
    """Selecting canonical codes by `LIKE prefix || '%'` finds exactly the areas covered."""
    assert covers(a, b) == canonical(b).startswith(prefix(a))


@pytest.mark.parametrize(
    ("area", "expected"),
    [
        ("330802001", ("330802001", "330802", "330800", "330000", "000000")),
        ("441900003", ("441900003", "441900", "440000", "000000")),
        ("330800", ("330800", "330000", "000000")),
        ("000000", ("000000",)),
    ],
)
def test_a_chain_climbs_to_the_country(area: str, expected: tuple[str, ...]) -> None:
    """Each superior is named once, nearest first; a city without counties is not named twice."""
    assert chain(area) == expected


@given(areas(), areas())
def test_a_chain_holds_what_covers_the_area(a: str, b: str) -> None:
    """An area is in the chain of another exactly if it covers it."""
    assert (canonical(b) in chain(a)) == covers(b, a)
