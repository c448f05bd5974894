"""The door gate's rules, pure: each alone, and all together under every pack."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wurao.checkin.domain import door, exceptions
from wurao.checkin.domain.door import ActionCode, DoorFacts, EnterpriseCode, Knock, VisitFacts
from wurao.checkin.domain.officers import OfficerFacts, flaw
from wurao.checkin.domain.policy import Law, law_of
from wurao.common.packs import load_pack

NOW = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)
TODAY = date(2026, 1, 5)
PACKS = ("national", "yongzhou", "dingtao", "linxia", "quzhou", "cangxian")


def law(name: str) -> Law:
    """A pack's law today."""
    return law_of(load_pack(name), TODAY)


def officer(officer_id: str, **changes: object) -> OfficerFacts:
    """An officer in good standing."""
    facts = OfficerFacts(
        officer_id=officer_id,
        name=officer_id,
        agency_id="A",
        certificate_no="证",
        valid_from=date(2024, 1, 1),
        valid_to=date(2027, 1, 1),
        agency_name="甲局",
        agency_published=True,
    )
    return replace(facts, **changes)  # type: ignore[arg-type]


VISIT = VisitFacts(
    visit_id="v",
    enterprise_id="e",
    agencies=("A", "B"),
    officer_ids=("o1", "o2", "o3"),
    opens=NOW - timedelta(hours=1),
    closes=NOW + timedelta(hours=1),
    code_id="c",
)
KNOCK = Knock(
    now=NOW,
    officer_ids=("o1", "o2"),
    enterprise_code=EnterpriseCode(enterprise_id="e", serial=1),
    action_code=ActionCode(code_id="c", visit_id="v", enterprise_id="e"),
)
FACTS = DoorFacts(VISIT, (officer("o1"), officer("o2")), current_serial=1)


def found(knock: Knock = KNOCK, facts: DoorFacts = FACTS, pack: str = "quzhou") -> list[str]:
    """The codes of all refusals."""
    return [refusal.code for refusal in door.judge(knock, facts, law(pack))]


@pytest.mark.parametrize("pack", PACKS)
def test_proper_visit_is_let_in_everywhere(pack: str) -> None:
    """No pack finds anything against a visit that happens as approved."""
    assert found(pack=pack) == []


@pytest.mark.parametrize("pack", PACKS)
def test_every_refusal_is_citable(pack: str) -> None:
    """Whatever is wrong, each refusal has clause, citation, Chinese sentence and a lawful way out."""
    bad = replace(
        KNOCK, officer_ids=("o9",), enterprise_code=EnterpriseCode(flaw="签名无效"), now=NOW + timedelta(days=9)
    )
    facts = replace(
        FACTS,
        officers=(officer("o9", agency_id="Z", agency_name=None, suspended=True),),
        visit=replace(VISIT, cancelled=True, code_id="d"),
        revoked_because="改期",
    )
    refusals = door.judge(bad, facts, law(pack))
    assert len(refusals) >= 8
    for refusal in refusals:
        assert refusal.clause
        assert refusal.cite
        assert refusal.alternatives
        assert all(
            "一" <= sign <= "鿿" or not sign.isalpha() for sign in refusal.message.replace("o9", "").replace("Z", "")
        )


@given(st.timedeltas(min_value=timedelta(days=-3), max_value=timedelta(days=3)))
def test_window_is_closed_at_both_ends(offset: timedelta) -> None:
    """Inside the window, both ends included, the hour is right; outside it is named early or late."""
    codes = found(replace(KNOCK, now=NOW + offset))
    inside = VISIT.opens <= NOW + offset <= VISIT.closes
    assert codes == ([] if inside else ["door.too_early"] if offset < timedelta() else ["door.too_late"])


@given(st.dates(date(2023, 6, 1), date(2027, 6, 1)))
def test_certificate_counts_by_legal_days(day: date) -> None:
    """A certificate is good on its first and on its last day, and on no other side of them."""
    bad = flaw(officer("o1"), day)
    assert (bad is None) == (date(2024, 1, 1) <= day <= date(2027, 1, 1))


@given(st.one_of(st.none(), st.dates(date(2026, 1, 1), date(2026, 1, 9))))
def test_suspension_lasts_through_its_last_day(until: date | None) -> None:
    """A suspension holds through the day it names; without one until it is lifted."""
    bad = flaw(officer("o1", suspended=True, suspended_until=until), TODAY)
    assert (bad is not None) == (until is None or until >= TODAY)


@given(st.lists(st.sampled_from(["o1", "o2", "o3"]), min_size=1, max_size=6), st.sampled_from(PACKS))
def test_officers_are_counted_by_person(officer_ids: list[str], pack: str) -> None:
    """Too few is fewer persons than the law demands, however often one is named (LX-03, PL-42)."""
    people = tuple(dict.fromkeys(officer_ids))
    facts = replace(FACTS, officers=tuple(officer(person) for person in people))
    codes = found(replace(KNOCK, officer_ids=tuple(officer_ids)), facts, pack)
    assert ("door.too_few_officers" in codes) == (len(people) < 2)


@pytest.mark.parametrize(
    ("pack", "enterprise_code", "caller", "missing"),
    [
        ("national", False, None, False),
        ("linxia", False, None, False),
        ("dingtao", False, None, False),
        ("yongzhou", False, None, True),
        ("yongzhou", False, "e", True),
        ("yongzhou", True, None, False),
        ("cangxian", False, None, True),
        ("cangxian", True, None, False),
        ("quzhou", False, None, True),
        ("quzhou", False, "e", False),
        ("quzhou", True, None, False),
    ],
)
def test_who_scans_whom(pack: str, enterprise_code: bool, caller: str | None, missing: bool) -> None:
    """Each pack's own rule on scanning decides, and the documents without one demand no scan."""
    knock = replace(
        KNOCK,
        enterprise_code=KNOCK.enterprise_code if enterprise_code else None,
        caller_enterprise_id=caller,
    )
    assert found(knock, pack=pack) == (["door.not_scanned"] if missing else [])


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"cancelled": True}, "door.visit_cancelled"),
        ({"makeup": True}, "door.made_up"),
        ({"entry_id": "x", "entry_finished": True}, "door.visit_finished"),
        ({"entry_id": "x"}, "door.entered_already"),
        ({"code_id": "d"}, "door.code_not_current"),
        ({"enterprise_id": "f"}, "door.other_enterprise"),
        ({"officer_ids": ("o1",)}, "door.officer_not_named"),
        ({"agencies": ("B",)}, "door.other_agency"),
    ],
)
def test_each_departure_alone_is_found(change: dict[str, object], code: str) -> None:
    """One departure from what was approved gives refusals of that one kind."""
    visit = replace(VISIT, **change)  # type: ignore[arg-type]
    assert set(found(facts=replace(FACTS, visit=visit))) == {code}


def facts_of_exception(**changes: object) -> exceptions.ExceptionFacts:
    """A proper emergency."""
    facts = exceptions.ExceptionFacts(
        today=TODAY,
        enterprise_id="e",
        ground="emergency",
        source_record="接警",
        scanned=False,
        scan_flaw=None,
        officers=(officer("o1"), officer("o2")),
        item_ids=("i",),
        items={"i": exceptions.ItemFacts("i", "A", "检查")},
    )
    return replace(facts, **changes)  # type: ignore[arg-type]


FILING = exceptions.FilingFacts("f", "e", "A", after_the_fact=False)


@pytest.mark.parametrize(
    ("pack", "changes", "expected"),
    [
        ("yongzhou", {}, []),
        ("yongzhou", {"ground": "complaint"}, ["exception.ground_not_accepted"]),
        ("quzhou", {}, []),
        ("quzhou", {"filing_id": "f", "filing": FILING}, []),
        ("dingtao", {"ground": "food_drug_safety"}, []),
        ("linxia", {"ground": "case_investigation"}, []),
        ("linxia", {"ground": "media_exposure"}, ["exception.ground_not_accepted"]),
        ("cangxian", {}, ["exception.not_filed", "door.not_scanned"]),
        ("cangxian", {"filing_id": "f", "filing": FILING, "scanned": True}, []),
        ("cangxian", {"filing_id": "f", "filing": replace(FILING, used_by="x"), "scanned": True},
         ["exception.filing_used"]),
        ("quzhou", {"scan_flaw": "旧码"}, ["door.enterprise_code_invalid"]),
    ],
)  # fmt: skip
def test_packs_disagree_on_exceptions(pack: str, changes: dict[str, object], expected: list[str]) -> None:
    """Grounds, filing and scanning of an exceptional entry follow each pack."""
    refusals = exceptions.judge(facts_of_exception(**changes), law(pack))
    assert [refusal.code for refusal in refusals] == expected
