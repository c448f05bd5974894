"""Officers spread over the agencies, with the faults in their certificates that a real county has."""

from datetime import date, timedelta
from itertools import islice
from random import Random
from typing import NamedTuple

from wurao.embedded.sample.agencies import Agency
from wurao.embedded.sample.catalogue import load
from wurao.embedded.sample.streams import stream

FULLY_QUALIFIED = 3
"""The leader and the next two of every agency hold good certificates, so that any agency can visit."""
SHARES = {"expired": 0.05, "auxiliary": 0.07, "unexamined": 0.03, "left": 0.02, "untrained": 0.01}
REVIEWER_SHARE = 0.06
_UNITS = "一二三四五六七八九"
LEADERSHIP, REVIEW = "负责人", "法制机构"


class Officer(NamedTuple):
    """One row of officers.csv."""

    officer_id: str
    name: str
    agency_id: str
    unit: str
    kind: str
    certificate_no: str
    valid_from: str
    valid_to: str
    trained: bool
    examined: bool
    in_post: bool
    legal_reviewer: bool
    legal_qualified: bool
    leader: bool
    management_authority: str


def officers(found: list[Agency], count: int, seed: int) -> list[Officer]:
    """`count` officers; the first of each agency is its leader. ValueError if too few for the agencies."""
    if count < FULLY_QUALIFIED * len(found):
        raise ValueError(f"officers must be at least {FULLY_QUALIFIED * len(found)} for these agencies")
    rng = stream(seed, "officer")
    posts = [(agency, i) for agency, n in zip(found, _shares(found, count), strict=True) for i in range(n)]
    reviewers = _reviewers(posts)
    states = _states(posts, reviewers, rng)
    return [
        _officer(rng, number, agency, position, states.get(number, ""), number in reviewers)
        for number, (agency, position) in enumerate(posts)
    ]


def _weight(agency: Agency) -> int:
    book = load("agencies")
    if agency.level == "township" or agency.kind == "entrusted":
        return int(book["town_weight"])
    return int(book["lines"][agency.line]["weight"]) if agency.level == "county" else 1


def _shares(found: list[Agency], count: int) -> list[int]:
    """Largest remainders over the weights, on top of the three that each agency needs."""
    weights = [_weight(agency) for agency in found]
    spare = count - FULLY_QUALIFIED * len(found)
    exact = [spare * weight / sum(weights) for weight in weights]
    shares = [int(share) for share in exact]
    by_remainder = sorted(range(len(found)), key=lambda i: shares[i] - exact[i])
    for i in by_remainder[: spare - sum(shares)]:
        shares[i] += 1
    return [share + FULLY_QUALIFIED for share in shares]


def _reviewers(posts: list[tuple[Agency, int]]) -> set[int]:
    """The fourth of an organ reviews; in larger samples also later ones, until the share is met."""
    able = [
        (position, number)
        for number, (agency, position) in enumerate(posts)
        if position >= FULLY_QUALIFIED and agency.kind != "entrusted" and agency.level != "township"
    ]
    return {number for _, number in sorted(able)[: round(REVIEWER_SHARE * len(posts))]}


def _states(posts: list[tuple[Agency, int]], reviewers: set[int], rng: Random) -> dict[int, str]:
    free = [n for n, (_, position) in enumerate(posts) if position >= FULLY_QUALIFIED and n not in reviewers]
    rng.shuffle(free)
    order = iter(free)
    return {number: state for state, share in SHARES.items() for number in islice(order, round(share * len(posts)))}


def _officer(rng: Random, number: int, agency: Agency, position: int, state: str, reviewer: bool) -> Officer:
    names = load("names")
    certified = state not in ("auxiliary", "unexamined")
    start, end = _validity(rng, expired=state == "expired")
    return Officer(
        officer_id=f"{agency.agency_id}-o{position + 1:02d}",
        name=rng.choice(names["surnames"]) + rng.choice(names["given"]),
        agency_id=agency.agency_id,
        unit=_unit(agency, position, reviewer),
        kind="auxiliary" if state == "auxiliary" else "officer",
        certificate_no=f"{agency.area[:6]}{number + 1:05d}" if certified else "",
        valid_from=start.isoformat() if certified else "",
        valid_to=end.isoformat() if certified else "",
        trained=state != "untrained",
        examined=certified,
        in_post=state != "left",
        legal_reviewer=reviewer,
        legal_qualified=reviewer,
        leader=position == 0,
        management_authority=_authority(agency, position),
    )


def _validity(rng: Random, *, expired: bool) -> tuple[date, date]:
    """Five years that end in 2025 for an expired certificate, else from June 2026 to the end of 2028."""
    first, days = (date(2025, 2, 1), 330) if expired else (date(2026, 6, 30), 910)
    end = first + timedelta(days=rng.randrange(days))
    return (end - timedelta(days=5 * 365)), end


def _unit(agency: Agency, position: int, reviewer: bool) -> str:
    if position == 0:
        return LEADERSHIP
    if reviewer:
        return REVIEW
    if agency.level == "township":
        return "综合行政执法队"
    return f"执法{_UNITS[(position - 1) // 6 % len(_UNITS)]}中队"


def _authority(agency: Agency, position: int) -> str:
    """Who may dismiss: leaders of a county and agencies under vertical lines answer one level higher."""
    if agency.level == "province":
        return "province"
    if agency.level == "prefecture":
        return "province" if position == 0 else "prefecture"
    vertical = agency.line in ("ecology", "fire", "taxation")
    return "prefecture" if vertical or (position == 0 and agency.line == "justice") else "county"
