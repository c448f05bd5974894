"""The draw: canonical pool, commitments, seed, tickets, quotas; replayable by anyone with a hash function."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wurao.common.errors import Conflict, Malformed
from wurao.scheduling.domain import draw as rules
from wurao.scheduling.domain.draw import Entrant
from wurao.scheduling.domain.gate import ItemFact

RATES = {"A": 10, "B": 50, "C": 1000}
POOLS = st.lists(
    st.builds(
        lambda grade, number: Entrant(f"{grade}@{RATES[grade]}", RATES[grade], f"E{number}"),
        st.sampled_from("ABC"),
        st.integers(0, 200),
    ),
    max_size=60,
    unique_by=lambda entrant: entrant.enterprise_id,
)
SECRETS = st.lists(st.text("abcdef0123456789", min_size=16, max_size=32), min_size=2, max_size=4)


@given(POOLS)
def test_pool_text_is_canonical(pool: list[Entrant]) -> None:
    """The same pool in any order has one text and one digest, and the text reads back."""
    shuffled = sorted(pool, key=lambda entrant: entrant.enterprise_id[::-1])
    assert rules.canonical(pool) == rules.canonical(shuffled)
    assert rules.parse(rules.canonical(pool)) == sorted(pool)


@given(SECRETS)
def test_seed_does_not_depend_on_the_order_of_secrets(secrets: list[str]) -> None:
    """No party can steer the seed by revealing earlier or later."""
    digest = "0" * 64
    assert rules.seed(secrets, digest) == rules.seed(list(reversed(secrets)), digest)


def test_seed_and_ticket_are_plain_sha256() -> None:
    """Anyone replays seed and ticket with sha256 alone."""
    text = "aaaa\nbbbb\n" + "0" * 64 + "\n"
    seed = hashlib.sha256(text.encode()).hexdigest()
    assert rules.seed(["bbbb", "aaaa"], "0" * 64) == seed
    expected = hashlib.sha256(f"{seed}|d1|A@10|E1".encode()).hexdigest()
    assert rules.ticket(seed, "d1", "A@10", "E1") == expected


@given(POOLS, st.text("0123456789abcdef", min_size=64, max_size=64))
def test_lowest_tickets_of_each_stratum_win(pool: list[Entrant], seed: str) -> None:
    """Each stratum gives its quota, and nobody left out holds a lower ticket than somebody drawn."""
    won = rules.winners(pool, "d1", seed)
    for name, permille, size, quota in rules.strata(pool):
        members = [e for e in pool if e.stratum == name]
        drawn = [t for t in won if t.stratum == name]
        assert len(drawn) == quota == -(-size * permille // 1000)
        ids = {t.enterprise_id for t in drawn}
        out = [rules.ticket(seed, "d1", name, e.enterprise_id) for e in members if e.enterprise_id not in ids]
        assert not out or max(t.ticket for t in drawn) < min(out)


@given(POOLS)
def test_quota_of_the_whole_is_everybody(pool: list[Entrant]) -> None:
    """A stratum at 1000 permille is drawn whole, one at more than 0 at least once."""
    for _, permille, size, quota in rules.strata(pool):
        assert 1 <= quota <= size
        assert permille < 1000 or quota == size


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


@pytest.mark.parametrize("state", ["held", "void"])
def test_draw_that_is_over_takes_nothing_more(state: str) -> None:
    """Held and void draws are closed."""
    with pytest.raises(Conflict):
        rules.require_open(state)


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
