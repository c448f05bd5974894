"""Certificates: who may hold one, and what ends it."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wurao.common.errors import Conflict, Refused
from wurao.common.packs import Bases, load_packs
from wurao.registry.domain.officers import (
    CERTIFIED,
    EXITED,
    RECORDED,
    SUSPENDED,
    NotSuspended,
    OfficerExited,
    OwnMatter,
    Record,
    faults,
    is_established,
    leave,
    objection,
    reinstate,
    require_certifiable,
    require_lifter,
    require_other,
    review,
    shortcomings,
    standing_after_import,
    suspend,
    suspension_is_over,
)
from wurao.registry.domain.policy import OfficerSection

TODAY = date(2026, 1, 5)
PACKS = load_packs()
BASES = {name: pack.section(Bases, on=TODAY) for name, pack in PACKS.items()}
NATIONAL = BASES["national"]
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
    ("change", "code", "pack", "clause"),
    [
        ({"trained": False}, "officer.untrained", "dingtao", "DT-02"),
        ({"examined": False}, "officer.unexamined", "dingtao", "DT-02"),
        ({"in_post": False}, "officer.not_in_post", "dingtao", "DT-02"),
        ({"established": False}, "officer.not_established", "dingtao", "DT-02"),
        ({"certificate_no": None}, "officer.no_certificate", "dingtao", "DT-02"),
        ({"valid_to": None}, "officer.no_certificate", "national", "PL-42"),
        ({"kind": "auxiliary"}, "officer.auxiliary", "quzhou", "QZ-02"),
        ({"kind": "auxiliary"}, "officer.auxiliary", "cangxian", "PL-42"),
    ],
)
def test_each_missing_condition_alone_keeps_the_certificate_back(
    change: dict[str, Any], code: str, pack: str, clause: str
) -> None:
    """Training, examination, post, number and dates are each needed, and auxiliaries never qualify."""
    record = replace(FIT, **change)
    assert [(why.code, why.clause) for why in shortcomings(record, BASES[pack])] == [(code, clause)]
    with pytest.raises(Refused):
        require_certifiable(record, TODAY, BASES[pack])


@pytest.mark.parametrize("standing", [SUSPENDED, EXITED])
def test_no_second_certificate_goes_around_a_decision(standing: str) -> None:
    """Who is suspended or has left gets no new certificate."""
    with pytest.raises(Conflict):
        require_certifiable(replace(FIT, standing=standing), TODAY, NATIONAL)


@pytest.mark.parametrize(
    ("change", "code"),
    [({"valid_to": TODAY - timedelta(days=1)}, "officer.expired"), ({"retires_on": TODAY}, "officer.retired")],
)
def test_no_certificate_for_a_time_that_is_over(change: dict[str, Any], code: str) -> None:
    """Neither a certificate that ended yesterday nor one for somebody who has retired is issued."""
    with pytest.raises(Refused) as caught:
        require_certifiable(replace(FIT, **change), TODAY, NATIONAL)
    assert [why.code for why in caught.value.refusals] == [code]


@given(RECORDS)
def test_an_import_never_lifts_a_decision(record: Record) -> None:
    """Whatever an import says, the suspended are not certified again and the exited stay out."""
    after = standing_after_import(record.standing, record)
    if record.standing == SUSPENDED:
        assert after in (SUSPENDED, EXITED)
    if record.standing == EXITED:
        assert after == EXITED
    assert after != CERTIFIED or not faults(record)


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
    assert leave(SUSPENDED, NATIONAL) == EXITED
    for verb in (suspend, leave):
        with pytest.raises(OfficerExited):
            verb(EXITED, NATIONAL)
    with pytest.raises(NotSuspended):
        reinstate(replace(FIT, standing=EXITED), TODAY, NATIONAL)


def test_reinstatement_needs_the_conditions_of_a_certificate() -> None:
    """A suspended officer who is no longer in post is not reinstated."""
    assert reinstate(replace(FIT, standing=SUSPENDED), TODAY, NATIONAL) == CERTIFIED
    with pytest.raises(Refused):
        reinstate(replace(FIT, standing=SUSPENDED, in_post=False), TODAY, NATIONAL)
    with pytest.raises(Refused, match="退休"):
        reinstate(replace(FIT, standing=SUSPENDED, retires_on=TODAY), TODAY, NATIONAL)


@given(RECORDS, st.sampled_from(["confirmed", "published", "withdrawn"]))
def test_only_the_certified_and_valid_pass(record: Record, agency_state: str) -> None:
    """No objection means: an officer, certified, within the dates, of a published agency."""
    passes = objection(record, agency_state, TODAY, NATIONAL) is None
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
    assert (objection(CERTIFIED_OFFICER, "published", day, NATIONAL) is None) is valid


@pytest.mark.parametrize(
    ("pack", "clauses", "unpublished"),
    [
        ("dingtao", ["DT-02", "DT-02", "DT-02", "DT-18", "DT-02", "DT-02"], "DT-01"),
        ("quzhou", ["PL-42", "QZ-02", "PL-42", "PL-42", "PL-42", "QZ-02"], "QZ-02"),
        ("yongzhou", ["PL-42", "PL-42", "YZ-10", "PL-42", "PL-42", "YZ-09"], "PL-39"),
        ("cangxian", ["PL-42"] * 6, "PL-39"),
    ],
)
def test_objections_name_their_clauses(pack: str, clauses: list[str], unpublished: str) -> None:
    """Each kind of objection rests on the clause of the area's own document, else on national law."""
    records = [
        None,
        replace(FIT, kind="auxiliary"),
        replace(FIT, standing=EXITED),
        replace(FIT, standing=SUSPENDED),
        replace(FIT, standing=RECORDED, examined=False),
        replace(CERTIFIED_OFFICER, valid_to=date(2025, 12, 31)),
    ]
    found = [objection(record, "published", TODAY, BASES[pack]) for record in records]
    assert [why.clause for why in found if why] == clauses
    refused = objection(CERTIFIED_OFFICER, "confirmed", TODAY, BASES[pack])
    assert refused is not None
    assert refused.clause == unpublished


@pytest.mark.parametrize(("until", "over"), [(date(2026, 1, 4), True), (date(2026, 1, 5), False), (None, False)])
def test_a_suspension_lasts_through_its_last_day(until: date | None, over: bool) -> None:
    """A dated suspension is over the day after; one without a date is not over by itself."""
    assert suspension_is_over(replace(FIT, standing=SUSPENDED, suspended_until=until), TODAY) is over


@pytest.mark.parametrize(
    ("pack", "employment", "allowed"),
    [
        ("dingtao", "administrative", True),
        ("dingtao", "contract", False),
        ("dingtao", "dispatched", False),
        ("dingtao", None, True),
        ("quzhou", "contract", True),
    ],
)
def test_the_document_says_whose_employment_allows_a_certificate(
    pack: str, employment: str | None, allowed: bool
) -> None:
    """Where the document wants people on the establishment, others get no certificate; elsewhere it is not asked."""
    section = PACKS[pack].section(OfficerSection, on=TODAY)
    assert is_established(employment, section) is allowed


@pytest.mark.parametrize(
    ("suspended_above", "above", "refused"), [(True, False, True), (True, True, False), (False, False, False)]
)
def test_the_agency_does_not_lift_what_came_from_above(suspended_above: bool, above: bool, refused: bool) -> None:
    """Only a suspension of the agency's own is the agency's to lift (DT-18)."""
    if not refused:
        require_lifter(BASES["dingtao"], suspended_above=suspended_above, above=above)
        return
    with pytest.raises(Refused) as why:
        require_lifter(BASES["dingtao"], suspended_above=suspended_above, above=above)
    assert (why.value.code, why.value.clause) == ("officer.suspended_above", "DT-18")


def test_nobody_decides_on_the_own_certificate() -> None:
    """The officer is known by officer id or by subject."""
    require_other("o1", None, "o2")
    for callers in (("o1", "x"), (None, "o1")):
        with pytest.raises(OwnMatter):
            require_other("o1", *callers)


def test_the_review_finds_expired_and_unfit_holders_only() -> None:
    """The periodic review lists who holds a certificate without the right to it."""
    assert review(CERTIFIED_OFFICER, TODAY, NATIONAL) == []
    assert [why.code for why in review(replace(CERTIFIED_OFFICER, valid_to=date(2026, 1, 4)), TODAY, NATIONAL)] == [
        "officer.expired"
    ]
    assert [why.code for why in review(replace(CERTIFIED_OFFICER, trained=False), TODAY, NATIONAL)] == [
        "officer.untrained"
    ]
    assert review(replace(FIT, trained=False), TODAY, NATIONAL) == []
