"""Rules of agencies and areas: authority, delegation, the tree of codes."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wurao.common import area as areas
from wurao.common.errors import Conflict
from wurao.common.packs import Bases, load_packs
from wurao.registry.domain import agencies as rules
from wurao.registry.domain.agencies import Body, Delegation, Law
from wurao.registry.domain.jurisdictions import misplaced
from wurao.registry.domain.policy import AgencySection

TODAY = date(2026, 1, 5)
TEAM = Body("team", "entrusted", "330802")
ORGAN = Body("health", "organ", "330802", "published")
WRITTEN = Delegation(
    "柯卫委〔2025〕1号", "health", date(2025, 1, 1), date(2026, 12, 31), "监督检查", "《行政处罚法》第二十条"
)


def law(pack: str = "national") -> Law:
    """The law of a pack on the day of the tests."""
    found = load_packs()[pack]
    return Law(found.section(Bases, on=TODAY), found.section(AgencySection, on=TODAY))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("《消防法》第四条、第五十三条", [("消防法", "第四条"), ("消防法", "第五十三条")]),
        (
            "《甲法》（2021年修正）第10条；《乙条例》第二十一条之一第二款",
            [("甲法", "第10条"), ("乙条例", "第二十一条之一")],
        ),
        ("《消防法》", []),
        ("依照有关规定第三条", []),
    ],
)
def test_citations_are_read_from_a_text(text: str, found: list[tuple[str, str]]) -> None:
    """Law and article are read where both are written, each article with its law."""
    assert rules.cited(text) == found


@pytest.mark.clause("DT-01")
@pytest.mark.parametrize(
    ("kind", "authority", "code"),
    [
        ("organ", "", "agency.no_authority"),
        ("organ", "三定方案", None),
        ("authorised", "三定方案", "agency.no_authorisation"),
        ("authorised", "《消防法》第四条", None),
        ("entrusted", "《行政处罚法》第二十条", "agency.no_delegation"),
    ],
)
def test_each_kind_needs_its_own_authority(kind: str, authority: str, code: str | None) -> None:
    """An organ names its powers, an authorised body law and article, an entrusted one needs a delegation as well."""
    found = rules.without_authority(replace(TEAM, kind=kind), authority, [], TODAY, law("dingtao"))
    assert [why.code for why in found] == ([code] if code else [])
    assert all(why.clause == "DT-01" and why.alternatives for why in found)


@given(st.integers(-400, 400), st.integers(0, 800))
def test_an_entrusted_body_has_authority_on_the_days_of_its_delegation_only(start: int, length: int) -> None:
    """A delegation gives authority from its first to its last day, both included, and on no other day."""
    begins = TODAY + timedelta(days=start)
    written = replace(WRITTEN, begins=begins, ends=begins + timedelta(days=length))
    found = rules.without_authority(TEAM, "《行政处罚法》第二十条", [written], TODAY, law())
    assert bool(found) == (not written.begins <= TODAY <= written.ends)


@pytest.mark.parametrize(
    ("body", "delegating", "written", "codes"),
    [
        (TEAM, ORGAN, WRITTEN, []),
        (TEAM, replace(ORGAN, area="330000"), WRITTEN, []),
        (TEAM, None, WRITTEN, ["delegation.delegating"]),
        (TEAM, replace(ORGAN, area="330803"), WRITTEN, ["delegation.delegating"]),
        (TEAM, replace(ORGAN, kind="entrusted"), WRITTEN, ["delegation.delegating"]),
        (TEAM, replace(ORGAN, kind="authorised"), WRITTEN, ["delegation.delegating"]),
        (TEAM, replace(ORGAN, state="withdrawn"), WRITTEN, ["delegation.delegating"]),
        (ORGAN, ORGAN, WRITTEN, ["delegation.not_entrusted"]),
        (TEAM, ORGAN, replace(WRITTEN, basis="领导批示"), ["delegation.no_basis"]),
        (TEAM, ORGAN, replace(WRITTEN, ends=TODAY - timedelta(days=1)), ["delegation.over"]),
        (TEAM, None, replace(WRITTEN, basis=""), ["delegation.delegating", "delegation.no_basis"]),
    ],
)
def test_a_delegation_comes_from_an_organ_that_may(
    body: Body, delegating: Body | None, written: Delegation, codes: list[str]
) -> None:
    """Only an organ of the same or a superior area delegates, in writing, by a named article, for a time to come."""
    found = rules.misdelegated(written, body, delegating, TODAY, law())
    assert [why.code for why in found] == codes
    assert all(why.clause == "PL-20" and why.alternatives for why in found)


@pytest.mark.parametrize(
    ("until", "begins", "gap"),
    [
        (None, date(2027, 1, 1), False),
        (date(2026, 1, 31), date(2026, 2, 1), False),
        (date(2026, 1, 31), date(2026, 1, 15), False),
        (date(2026, 1, 31), date(2026, 2, 2), True),
        (date(2026, 1, 4), date(2026, 3, 1), False),
    ],
)
def test_a_renewal_leaves_no_day_between(until: date | None, begins: date, gap: bool) -> None:
    """A renewal begins on the day after the delegation in force at the latest; one that is over binds nobody."""
    written = replace(WRITTEN, begins=begins, ends=date(2027, 12, 31))
    assert bool(rules.interrupted(written, until, TODAY, law())) == gap


def test_states_follow_one_another() -> None:
    """Confirmed, published, withdrawn, confirmed anew; every other step is a conflict."""
    bases = law().bases
    assert rules.publish("confirmed", bases) == "published"
    assert [rules.withdraw(state, bases) for state in ("confirmed", "published")] == ["withdrawn"] * 2
    assert rules.confirm_anew("withdrawn", bases) == "confirmed"
    for step, state in ((rules.publish, "published"), (rules.withdraw, "withdrawn"), (rules.confirm_anew, "confirmed")):
        with pytest.raises(Conflict):
            step(state, bases)


@pytest.mark.parametrize(
    ("code", "level", "parent", "field"),
    [
        ("330000", "province", "000000", None),
        ("330802", "county", "330800", None),
        ("330802001", "township", "330802", None),
        ("441900001", "township", "441900", None),
        ("110101", "county", "110000", None),
        ("330802", "prefecture", "330800", "level"),
        ("330802", "county", "330900", "parent"),
        ("330802", "county", "330000", "parent"),
        ("330802001", "township", "330000", "parent"),
        ("330802", "county", "000000", "parent"),
        ("330802", "county", "330802", "parent"),
        ("620102", "county", "620100", "parent"),
    ],
)
def test_an_area_stands_directly_below_its_nearest_superior(
    code: str, level: str, parent: str, field: str | None
) -> None:
    """A parent is known, covers its child, and nothing known lies between; cities and provinces may skip a level."""
    known = {"330000", "330800", "330900", "330802", "441900", "440000", "110000"}
    found = misplaced(code, level, parent, known)
    assert (found and found[0]) == field


@given(st.from_regex(r"[1-9][0-9](0[1-9]|[1-9][0-9])(0[1-9]|[1-9][0-9])(00[1-9]|[1-9][0-9]{2})", fullmatch=True))
def test_a_chain_of_codes_is_well_placed(code: str) -> None:
    """Every area of a township's chain is well placed below the next one, whatever its code."""
    chain = areas.chain(code)
    assert all(misplaced(one, areas.level(one), above, set(chain[:-1])) is None for one, above in pairwise(chain))
