"""Certificates: who may hold one, and what ends it."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wurao.common.errors import Conflict, Refused
from wurao.registry.domain.officers import (
    CERTIFIED,
    EXITED,
    RECORDED,
    SUSPENDED,
    NotSuspended,
    OfficerExited,
    Record,
    leave,
    objection,
    reinstate,
    require_certifiable,
    review,
    shortcomings,
    standing_after_import,
    suspend,
    suspension_is_over,
)

TODAY = date(2026, 1, 5)
FIT = Record("officer", True, True, True, "33080200001", date(2024, 1, 1), date(2028, 12, 31))
CERTIFIED_OFFICER = replace(FIT, standing=CERTIFIED)

RECORDS = st.builds(
    Record,
    kind=st.sampled_from(["officer", "auxiliary"]),
    trained=st.booleans(),
    examined=st.booleans(),
    in_post=st.booleans(),
    certificate_no=st.sampled_from([None, "33080200001"]),
    valid_from=st.sampled_from([None, date(2024, 1, 1), date(2027, 1, 1)]),
    valid_to=st.sampled_from([None, date(2025, 1, 1), date(2028, 12, 31)]),
    standing=st.sampled_from([RECORDED, CERTIFIED, SUSPENDED, EXITED]),
    suspended_until=st.sampled_from([None, date(2026, 1, 4), date(2026, 1, 5)]),
)


@pytest.mark.parametrize(
    ("change", "code", "clause"),
    [
        ({"trained": False}, "officer.untrained", "DT-02"),
        ({"examined": False}, "officer.unexamined", "DT-02"),
        ({"in_post": False}, "officer.not_in_post", "DT-02"),
        ({"certificate_no": None}, "officer.no_certificate", "DT-02"),
        ({"valid_to": None}, "officer.no_certificate", "DT-02"),
        ({"kind": "auxiliary"}, "officer.auxiliary", "QZ-02"),
    ],
)
def test_each_missing_condition_alone_keeps_the_certificate_back(
    change: dict[str, Any], code: str, clause: str
) -> None:
    """Training, examination, post, number and dates are each needed, and auxiliaries never qualify."""
    record = replace(FIT, **change)
    assert [(why.code, why.clause) for why in shortcomings(record)] == [(code, clause)]
    with pytest.raises(Refused):
        require_certifiable(record)


@pytest.mark.parametrize("standing", [SUSPENDED, EXITED])
def test_no_second_certificate_goes_around_a_decision(standing: str) -> None:
    """Who is suspended or has left gets no new certificate."""
    with pytest.raises(Conflict):
        require_certifiable(replace(FIT, standing=standing))


@given(RECORDS)
def test_an_import_never_lifts_a_decision(record: Record) -> None:
    """Whatever an import says, the suspended are not certified again and the exited stay out."""
    after = standing_after_import(record.standing, record)
    if record.standing == SUSPENDED:
        assert after in (SUSPENDED, EXITED)
    if record.standing == EXITED:
        assert after == EXITED
    assert after != CERTIFIED or not shortcomings(record)


@pytest.mark.parametrize(
    ("known", "change", "after"),
    [
        (None, {}, CERTIFIED),
        (None, {"examined": False}, RECORDED),
        (RECORDED, {}, CERTIFIED),
        (CERTIFIED, {}, CERTIFIED),
        (CERTIFIED, {"trained": False}, SUSPENDED),
        (CERTIFIED, {"in_post": False}, EXITED),
        (CERTIFIED, {"kind": "auxiliary"}, EXITED),
    ],
)
def test_standing_follows_the_particulars(known: str | None, change: dict[str, Any], after: str) -> None:
    """A lost post or a fall to auxiliary ends the certificate, another lost condition suspends it."""
    assert standing_after_import(known, replace(FIT, **change)) == after


def test_exit_is_for_good() -> None:
    """Nobody leaves twice, is suspended after leaving, or comes back."""
    assert leave(SUSPENDED) == EXITED
    for verb in (suspend, leave):
        with pytest.raises(OfficerExited):
            verb(EXITED)
    with pytest.raises(NotSuspended):
        reinstate(replace(FIT, standing=EXITED))


def test_reinstatement_needs_the_conditions_of_a_certificate() -> None:
    """A suspended officer who is no longer in post is not reinstated."""
    assert reinstate(replace(FIT, standing=SUSPENDED)) == CERTIFIED
    with pytest.raises(Refused):
        reinstate(replace(FIT, standing=SUSPENDED, in_post=False))


@given(RECORDS, st.sampled_from(["confirmed", "published", "withdrawn"]))
def test_only_the_certified_and_valid_pass(record: Record, agency_state: str) -> None:
    """No objection means: an officer, certified, within the dates, of a published agency."""
    passes = objection(record, agency_state, TODAY) is None
    assert passes == (
        record.kind == "officer"
        and record.standing == CERTIFIED
        and record.valid_from is not None
        and record.valid_to is not None
        and record.valid_from <= TODAY <= record.valid_to
        and agency_state == "published"
    )


@pytest.mark.parametrize(
    ("day", "valid"), [(date(2023, 12, 31), False), (date(2024, 1, 1), True), (date(2028, 12, 31), True)]
)
def test_a_certificate_is_valid_on_its_first_and_last_day(day: date, valid: bool) -> None:
    """Both ends of the period of validity are within it."""
    assert (objection(CERTIFIED_OFFICER, "published", day) is None) is valid


def test_objections_name_their_clauses() -> None:
    """Each kind of objection rests on its own clause."""
    records = [
        None,
        replace(FIT, kind="auxiliary"),
        replace(FIT, standing=EXITED),
        replace(FIT, standing=SUSPENDED),
        replace(FIT, standing=RECORDED, examined=False),
        replace(CERTIFIED_OFFICER, valid_to=date(2025, 12, 31)),
    ]
    found = [objection(record, "published", TODAY) for record in records]
    assert [why.clause for why in found if why] == ["DT-02", "QZ-02", "YZ-10", "DT-18", "DT-02", "YZ-09"]
    unpublished = objection(CERTIFIED_OFFICER, "confirmed", TODAY)
    assert unpublished is not None
    assert unpublished.clause == "DT-01"


@pytest.mark.parametrize(("until", "over"), [(date(2026, 1, 4), True), (date(2026, 1, 5), False), (None, False)])
def test_a_suspension_lasts_through_its_last_day(until: date | None, over: bool) -> None:
    """A dated suspension is over the day after; one without a date is not over by itself."""
    assert suspension_is_over(replace(FIT, standing=SUSPENDED, suspended_until=until), TODAY) is over


def test_the_review_finds_expired_and_unfit_holders_only() -> None:
    """The periodic review lists who holds a certificate without the right to it."""
    assert review(CERTIFIED_OFFICER, TODAY) == []
    assert [why.code for why in review(replace(CERTIFIED_OFFICER, valid_to=date(2026, 1, 4)), TODAY)] == [
        "officer.expired"
    ]
    assert [why.code for why in review(replace(CERTIFIED_OFFICER, trained=False), TODAY)] == ["officer.untrained"]
    assert review(replace(FIT, trained=False), TODAY) == []
