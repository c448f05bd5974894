"""The yearly review of certificates, and the share of legal reviewers."""

from dataclasses import replace
from datetime import date
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wurao.common.errors import Conflict, Refused
from wurao.common.packs import Bases, load_packs
from wurao.registry.domain import legal_reviewers, officers, reviews
from wurao.registry.domain.officers import CERTIFIED, EXITED, SUSPENDED, Record
from wurao.registry.domain.policy import OfficerSection
from wurao.registry.domain.reviews import KEEP, RENEW, WITHDRAW

TODAY = date(2026, 1, 5)
PACKS = load_packs()
BASES = {name: pack.section(Bases, on=TODAY) for name, pack in PACKS.items()}
RULES = {name: pack.section(OfficerSection, on=TODAY) for name, pack in PACKS.items()}
FIT = Record("officer", True, True, True, "C1", date(2024, 1, 1), date(2028, 12, 31), CERTIFIED)
EXPIRED = replace(FIT, valid_to=date(2025, 12, 31))


def codes(record: Record, hours: int = 40, pack: str = "dingtao") -> list[str]:
    """The reasons to withdraw, by code."""
    found = reviews.reasons(record, hours, 2025, TODAY, BASES[pack], RULES[pack])
    return [why.code.removeprefix("officer.") for why in found]


@pytest.mark.parametrize(
    ("record", "hours", "expected"),
    [
        (FIT, 40, []),
        (FIT, 39, ["undertrained"]),
        (replace(FIT, examined=False), 40, ["unexamined"]),
        (replace(FIT, in_post=False), 0, ["not_in_post", "undertrained"]),
        (replace(FIT, established=False), 40, ["not_established"]),
        (replace(FIT, retires_on=TODAY), 40, ["retired"]),
        (EXPIRED, 40, ["expired"]),
        (replace(EXPIRED, standing=SUSPENDED), 40, ["expired"]),
        (replace(EXPIRED, standing=EXITED), 0, []),
    ],
)
def test_a_review_finds_every_reason_to_withdraw(record: Record, hours: int, expected: list[str]) -> None:
    """Lost post, failed examination, wrong employment, retirement, expiry and too little training are each found."""
    assert codes(record, hours) == expected


def test_hours_are_demanded_only_where_the_document_speaks_of_review() -> None:
    """A pack without hours finds nothing against a holder who took no course."""
    assert codes(FIT, 0, "quzhou") == []
    [why] = reviews.reasons(FIT, 0, 2025, TODAY, BASES["dingtao"], RULES["dingtao"])
    assert (why.clause, bool(why.alternatives)) == ("DT-02", True)


@given(
    st.sampled_from([FIT, EXPIRED, replace(FIT, in_post=False), replace(FIT, retires_on=date(2027, 1, 1))]),
    st.sampled_from([KEEP, RENEW, WITHDRAW]),
    st.none() | st.dates(date(2025, 1, 1), date(2032, 1, 1)),
)
def test_no_unfit_holder_leaves_a_review_with_a_certificate(record: Record, decision: str, until: date | None) -> None:
    """Keeping needs no reason against it; renewal cures expiry alone and prolongs, at most until retirement."""
    against = reviews.reasons(record, 40, 2025, TODAY, BASES["dingtao"], RULES["dingtao"])
    try:
        reviews.require_allowed(decision, against, until, record, TODAY, BASES["dingtao"])
    except Refused:
        assert decision != WITHDRAW
    else:
        after = replace(record, valid_to=until) if decision == RENEW else record
        assert decision == WITHDRAW or officers.review(after, TODAY, BASES["dingtao"]) == []
        assert decision != RENEW or (until is not None and record.valid_to is not None and until > record.valid_to)


def test_a_certificate_is_decided_on_once() -> None:
    """Neither a second decision nor one on a certificate that is gone is taken."""
    reviews.require_open(None, FIT, "DT-02")
    for decision, record in ((KEEP, FIT), (None, replace(FIT, standing=EXITED))):
        with pytest.raises(Conflict) as refused:
            reviews.require_open(decision, record, "DT-02")
        assert refused.value.clause == "DT-02"


@given(st.integers(0, 5_000), st.integers(0, 5_000))
def test_the_missing_reviewers_are_the_fewest_that_reach_the_share(officers_count: int, reviewers: int) -> None:
    """With the missing ones the share is at least five per cent, with one less it is not."""
    lacking = legal_reviewers.missing(reviewers, officers_count, RULES["quzhou"])
    assert (reviewers + lacking) * 1000 >= officers_count * 50
    assert lacking == 0 or (reviewers + lacking - 1) * 1000 < officers_count * 50
    assert legal_reviewers.missing(reviewers, officers_count, RULES["national"]) == 0
    share = legal_reviewers.share_permille(reviewers, officers_count)
    assert share == 0 if officers_count == 0 else share * officers_count <= reviewers * 1000


@pytest.mark.clause("QZ-21")
@pytest.mark.pack("quzhou")
def test_a_first_reviewer_holds_the_legal_qualification() -> None:
    """An unqualified newcomer and an auxiliary are refused, each by the clause; whoever reviewed before stays."""
    require = partial(legal_reviewers.require_appointable, bases=BASES["quzhou"], rules=RULES["quzhou"])
    for kind, first, clause in (("officer", True, "QZ-21"), ("auxiliary", False, "QZ-02")):
        with pytest.raises(Refused) as refused:
            require(kind, first_time=first, qualified=False)
        assert refused.value.clause == clause
    require("officer", first_time=False, qualified=False)
    require("officer", first_time=True, qualified=True)
