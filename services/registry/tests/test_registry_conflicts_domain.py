"""Relations that require recusal: how long they last and who may end them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wurao.common.errors import Conflict
from wurao.common.packs import Bases, load_pack
from wurao.registry.domain import conflicts
from wurao.registry.domain.conflicts import DISMISSED, ENDED, IN_FORCE, REPORTED, Term
from wurao.registry.domain.policy import OfficerSection

TODAY = date(2026, 1, 5)
NATIONAL = load_pack("national")
BASES, RULES = NATIONAL.section(Bases, on=TODAY), NATIONAL.section(OfficerSection, on=TODAY)
KINDS = st.sampled_from(["own_enterprise", "shareholding", "relative", "former_employer", "other_interest"])


@pytest.mark.parametrize(("source", "state"), [("officer", IN_FORCE), ("agency", IN_FORCE), ("enterprise", REPORTED)])
def test_a_report_waits_and_a_declaration_counts(source: str, state: str) -> None:
    """What the enterprise reports waits for the agency's head, what the own side states is in force at once."""
    assert conflicts.first_state(source) == state


def test_a_former_employer_is_left_alone_for_three_years() -> None:
    """The recusal ends on the same day three years after the officer left, 29 February on the 28th."""
    found = conflicts.term("former_employer", None, None, date(2024, 2, 29), TODAY, RULES)
    assert found == Term(TODAY, date(2027, 2, 28))
    with pytest.raises(Conflict) as over:
        conflicts.term("former_employer", None, None, date(2022, 6, 1), TODAY, RULES)
    assert (over.value.code, over.value.clause) == ("conflict.over", "PL-43")


@given(KINDS, st.none() | st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.none() | st.dates(TODAY, date(2035, 1, 1)))
def test_a_term_holds_today_or_later(kind: str, since: date | None, until: date | None) -> None:
    """A term that is taken begins when it says, else today, and has days left; without an end it has none."""
    try:
        found = conflicts.term(kind, since, until, None, TODAY, RULES)
    except Conflict:
        assert since is not None
        assert until is not None
        assert until < since
    else:
        assert found == Term(since or TODAY, until)
        assert until is None or max(found.since, TODAY) <= until


def test_only_what_was_reported_is_decided_and_only_what_is_in_force_ends() -> None:
    """Reports become upheld or dismissed once; an end leaves yesterday as the last day."""
    assert conflicts.decide(REPORTED, BASES, upheld=True) == IN_FORCE
    assert conflicts.decide(REPORTED, BASES, upheld=False) == DISMISSED
    for state in (IN_FORCE, DISMISSED, ENDED):
        with pytest.raises(Conflict, match="已经处理"):
            conflicts.decide(state, BASES, upheld=True)
    assert conflicts.end(IN_FORCE, None, TODAY, BASES) == (ENDED, TODAY - timedelta(days=1))
    for state, until in ((REPORTED, None), (ENDED, None), (IN_FORCE, TODAY - timedelta(days=1))):
        with pytest.raises(Conflict, match="有效状态"):
            conflicts.end(state, until, TODAY, BASES)
