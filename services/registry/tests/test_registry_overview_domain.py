"""What an enterprise is told of its rights and of the burden on it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wurao.common.clock import legal_date
from wurao.common.packs import Bases, load_packs
from wurao.registry.domain.overview import (
    CallbackRights,
    DoorRights,
    EvaluationRights,
    FrequencyRights,
    Inspection,
    Rights,
    burden,
)

TODAY = date(2026, 5, 20)


def rights(pack_name: str) -> dict[str, str]:
    """The rights under a pack: text by clause."""
    pack = load_packs()[pack_name]
    found = Rights(
        bases=pack.section(Bases, on=TODAY),
        door=pack.section(DoorRights, on=TODAY),
        frequency=pack.section(FrequencyRights, on=TODAY),
        callback=pack.section(CallbackRights, on=TODAY),
        evaluation=pack.section(EvaluationRights, on=TODAY),
    )
    return {right.text: right.clause for right in found.listed()}


@pytest.mark.parametrize(
    ("pack", "text", "clause"),
    [
        ("quzhou", "同一执法主体每年现场检查原则上不超过2次", "QZ-16"),
        ("quzhou", "有权要求出示行政行为码并核验真伪", "QZ-11"),
        ("cangxian", "检查后5日内有权接受回访、反映问题", "CX-09"),
        ("yongzhou", "现场检查的执法人员不得少于2人", "PL-42"),
    ],
)
def test_rights_are_those_of_the_pack(pack: str, text: str, clause: str) -> None:
    """Each right names the clause that gives it in that place."""
    assert rights(pack)[text] == clause


def test_packs_promise_no_right_that_they_do_not_give() -> None:
    """Where the document sets no yearly cap and no callback, neither is promised."""
    assert not [text for text in rights("yongzhou") if "原则上不超过" in text or "回访" in text]


EVE = datetime(2025, 12, 30, tzinfo=UTC)
INSPECTIONS = st.lists(
    st.builds(
        Inspection,
        agencies=st.lists(st.sampled_from("abc"), min_size=1, max_size=3, unique=True),
        started_at=st.integers(0, 96 * 60).map(lambda minutes: EVE + timedelta(minutes=minutes)),
        minutes=st.integers(0, 500),
        papers=st.integers(0, 9),
    ),
    max_size=8,
)


@given(INSPECTIONS)
def test_a_joint_inspection_counts_once(inspections: list[Inspection]) -> None:
    """The burden is that of the legal year; a joint visit is one visit, and one for each agency that took part."""
    found = burden(inspections, date(2026, 1, 2))
    mine = [one for one in inspections if legal_date(one.started_at) >= date(2026, 1, 1)]
    assert found.visits == len(mine)
    assert found.minutes == sum(one.minutes for one in mine)
    assert sum(found.by_agency.values()) == sum(len(one.agencies) for one in mine)
    assert all(count <= found.visits for count in found.by_agency.values())


def test_the_year_begins_at_midnight_in_china() -> None:
    """An inspection that began at 23:59 on 31 December belongs to the old year, one minute later to the new."""
    midnight = datetime(2025, 12, 31, 16, 0, tzinfo=UTC)
    before = Inspection(["a"], midnight - timedelta(minutes=1), 10, 0)
    assert burden([before, Inspection(["a"], midnight, 20, 1)], date(2026, 1, 1)).minutes == 20
