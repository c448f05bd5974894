"""The draw's rules: tickets, quotas, officers, commitments, strata; the whole is replayed in tests/draw_replay."""

from datetime import date
from decimal import Decimal
from hashlib import sha256

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wurao.common.errors import Conflict, Malformed
from wurao.scheduling.domain import draw as rules
from wurao.scheduling.domain.draw import Officer, Roster, Short, Spec
from wurao.scheduling.domain.gate import ItemFact

SECRETS = st.lists(st.text("abcdef0123456789", min_size=16, max_size=32), min_size=2, max_size=4)
DIGESTS = ["0" * 64, "1" * 64, "2" * 64, "3" * 64]
IDS = st.lists(st.from_regex(r"E[0-9]{1,4}", fullmatch=True), unique=True, max_size=200)


@given(SECRETS)
def test_seed_does_not_depend_on_the_order_of_secrets(secrets: list[str]) -> None:
    """No party can steer the seed by revealing earlier or later."""
    assert rules.seed(secrets, DIGESTS) == rules.seed(list(reversed(secrets)), DIGESTS)


def test_seed_follows_from_secrets_outside_value_and_files() -> None:
    """The seed is the hash of its parts, each ended by a line feed, as published."""
    text = "aaa\nbbb\n17\n" + "".join(f"{digest}\n" for digest in DIGESTS)
    assert rules.seed(["bbb", "aaa"], DIGESTS, "17") == sha256(text.encode()).hexdigest()
    assert rules.seed(["bbb", "aaa"], DIGESTS) != rules.seed(["bbb", "aaa"], DIGESTS, "17")


def test_ticket_needs_only_a_hash_function() -> None:
    """A ticket is one sha256sum away."""
    expected = sha256(b"ab|d1|A@10|E1").hexdigest()
    assert rules.ticket("ab", "d1", "A@10", "E1") == expected


@given(IDS, st.integers(0, 250))
def test_lowest_tickets_of_a_stratum_win(ids: list[str], count: int) -> None:
    """The fast way finds exactly the first of all tickets in order."""
    whole = sorted((rules.ticket("ab", "d", "A", one), one) for one in ids)
    assert rules.lowest("ab", "d", "A", pl.Series(ids, dtype=pl.String), count) == whole[:count]


@given(st.integers(0, 1000), st.integers(0, 10**7))
def test_quota_is_the_ratio_rounded_up_exactly(permille: int, size: int) -> None:
    """What is drawn at all gives at least one, the whole gives all, and no binary fraction adds one."""
    spec = Spec("d", {"A": Decimal(permille) / 1000}, 1, {"A": ("l",)})
    assert spec.quota("A", size) == -(-size * permille // 1000)


def test_officers_go_in_their_line_while_visits_are_left() -> None:
    """An officer with no visit left is drawn no more; too few send nobody and say why; given back, they go again."""
    roster = Roster([Officer("o1", "food", 1), Officer("o2", "food", 1), Officer("o3", "fire", 9)])
    assert sorted(roster.send("k", "food", 2, [])) == ["o1", "o2"]
    assert roster.send("k2", "food", 1, ["o1"]) == Short("food", 1, 0, 2, 0)
    roster.give_back(["o1"])
    assert roster.send("k2", "food", 1, ["o1"]) == Short("food", 1, 0, 1, 1)
    assert roster.send("k2", "food", 1, []) == ["o1"]
    assert roster.send("k2", "environment", 1, []) == Short("environment", 1, 0, 0, 0)


def test_officers_are_drawn_evenly() -> None:
    """Over many enterprises each of ten officers goes about as often as the others."""
    roster = Roster([Officer(f"o{n}", "food", 10**6) for n in range(10)])
    counts = dict.fromkeys((f"o{n}" for n in range(10)), 0)
    for number in range(5000):
        for officer_id in roster.send(f"seed|d|A|E{number}", "food", 2, ["o0"] if number % 2 else []):
            counts[officer_id] += 1
    assert 400 < counts["o0"] < 600
    assert all(900 < count < 1200 for officer_id, count in counts.items() if officer_id != "o0")


def test_strata_of_a_joint_draw_name_the_agencies_concerned() -> None:
    """Like grades at like rates are one stratum; in a joint draw only among enterprises that concern the same."""
    alone, joint = rules.Strata(["a"], 50), rules.Strata(["a", "b"], 50)
    assert alone.of("A", 10, ("a",)) == "A@10"
    assert alone.of(None, None, ("a",)) == "ungraded@50"
    assert joint.of("A", 10, ("a", "b")) == "A@10/a+b"
    assert joint.of("A", 10, ("b",)) == "A@10/b"
    spec = joint.spec("d", 2)
    assert spec.line == {"A@10/a+b": ("a", "b"), "A@10/b": ("b",)}
    assert set(spec.ratio.values()) == {Decimal("0.01")}
    assert rules.concerned({"b": [["C"]], "a": [[]]}, "C1391") == ("a", "b")
    assert rules.concerned({"b": [["C"]], "a": [["D"], ["E"]]}, "C1391") == ("b",)


def test_industry_prefixes_choose_the_pool() -> None:
    """An item concerns the industries it names, all when it names none."""
    assert rules.applies([], "C1391")
    assert rules.applies(["F52", "C13"], "C1391")
    assert not rules.applies(["H62"], "C1391")


def test_commitments_close_with_the_first_secret() -> None:
    """A commitment that comes after a secret, or copies another, is refused."""
    with pytest.raises(Conflict):
        rules.require_commitment("x", [], revealed=True)
    with pytest.raises(Conflict):
        rules.require_commitment("x", ["x"], revealed=False)


def test_secret_must_match_and_wait_for_the_witness() -> None:
    """No secret before the supervision body committed, and only the one that was committed to."""
    committed = rules.commitment("s" * 32)
    with pytest.raises(Conflict):
        rules.require_secret("s" * 32, committed, ["agency"])
    with pytest.raises(Malformed):
        rules.require_secret("t" * 32, committed, ["agency", "supervisor"])
    rules.require_secret("s" * 32, committed, ["agency", "supervisor"])


@pytest.mark.parametrize("state", ["drawing", "held", "void"])
def test_draw_that_is_over_takes_nothing_more(state: str) -> None:
    """Held and void draws are closed."""
    with pytest.raises(Conflict):
        rules.require_open(state)


def test_outside_value_comes_from_the_supervisor_on_its_day() -> None:
    """A value that nobody announced, that is missing or comes before its day is refused; agencies bring none."""
    source, on = "福彩双色球第2026030期", date(2026, 3, 1)
    assert rules.outside_value(source, on, "05-11-19", "supervisor", on) == "05-11-19"
    assert rules.outside_value(source, on, None, "agency", on) is None
    with pytest.raises(Malformed):
        rules.outside_value(source, on, None, "supervisor", on)
    with pytest.raises(Malformed):
        rules.outside_value(source, on, "05-11-19", "agency", on)
    with pytest.raises(Malformed):
        rules.outside_value(None, None, "05-11-19", "supervisor", on)
    with pytest.raises(Conflict):
        rules.outside_value(source, on, "05-11-19", "supervisor", date(2026, 2, 28))


def made(*methods: str) -> list[ItemFact]:
    """Items of the given ways."""
    return [
        ItemFact(f"i{n}-{method}", "a", "名", "法", "条", method, True, False, False, None, True)
        for n, method in enumerate(methods)
    ]


@pytest.mark.clause("LX-09")
def test_items_that_need_nobody_there_stay_off_site() -> None:
    """Off-site first keeps either-way items at the desk, unless somebody has to come anyway."""
    both = made("either", "off_site")
    assert {way: len(chosen) for way, chosen in rules.split(both, off_site_first=True).items()} == {"off_site": 2}
    assert set(rules.split(both, off_site_first=False)) == {"on_site", "off_site"}
    anyway = rules.split(made("either", "on_site", "off_site"), off_site_first=True)
    assert {way: len(chosen) for way, chosen in anyway.items()} == {"on_site": 2, "off_site": 1}
