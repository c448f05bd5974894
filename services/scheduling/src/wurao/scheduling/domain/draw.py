"""The double-random draw: anyone can replay it (DB35/T 2223-2024, RFC 3797 in spirit).

The pool is frozen and hashed before any secret is known; parties commit to secrets first and reveal them
afterwards; seed = sha256 of the sorted secrets and the pool's digest, each ended by a line feed; a ticket is
sha256 of `seed|draw id|stratum|enterprise id`; in each stratum the lowest tickets win.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from hashlib import sha256
from hmac import compare_digest
from typing import NamedTuple

from wurao.common.errors import Conflict, Malformed
from wurao.scheduling.domain.gate import ItemFact

FROZEN, HELD, VOID = "frozen", "held", "void"
UNGRADED = "ungraded"


class Entrant(NamedTuple):
    """An enterprise in the pool; `permille` of its stratum are drawn."""

    stratum: str
    permille: int
    enterprise_id: str


class Ticket(NamedTuple):
    """A drawn enterprise with the ticket that won."""

    stratum: str
    enterprise_id: str
    ticket: str


class Stratum(NamedTuple):
    """How many of a stratum stand in the pool, and how many are drawn."""

    stratum: str
    permille: int
    size: int
    quota: int


def entrant(enterprise_id: str, grade: str | None, permille: int | None, otherwise: int) -> Entrant:
    """An enterprise's place in the pool: like grades drawn at the same rate form a stratum."""
    if grade is None or permille is None:
        return Entrant(f"{UNGRADED}@{otherwise}", otherwise, enterprise_id)
    return Entrant(f"{grade}@{permille}", permille, enterprise_id)


def applies(industries: Sequence[str], industry: str) -> bool:
    """Tell whether an item with these industry prefixes concerns an industry; without prefixes it concerns all."""
    return not industries or any(industry.startswith(prefix) for prefix in industries)


def canonical(pool: Iterable[Entrant]) -> str:
    """The pool as text: one sorted line `stratum permille enterprise` each, ended by a line feed."""
    return "".join(f"{e.stratum} {e.permille} {e.enterprise_id}\n" for e in sorted(set(pool)))


def parse(document: str) -> list[Entrant]:
    """The pool in its canonical text."""
    rows = (line.split(" ") for line in document.splitlines())
    return [Entrant(stratum, int(permille), enterprise_id) for stratum, permille, enterprise_id in rows]


def digest(document: str) -> str:
    """SHA-256 (hex) of the canonical pool."""
    return sha256(document.encode()).hexdigest()


def commitment(secret: str) -> str:
    """What a party publishes before it reveals its secret: SHA-256 (hex)."""
    return sha256(secret.encode()).hexdigest()


def seed(secrets: Iterable[str], pool_digest: str) -> str:
    """The seed (hex): no party knows it before the last secret is out."""
    lines = "".join(f"{line}\n" for line in (*sorted(secrets), pool_digest))
    return sha256(lines.encode()).hexdigest()


def ticket(seed: str, draw_id: str, stratum: str, enterprise_id: str) -> str:
    """An enterprise's ticket (hex)."""
    return sha256(f"{seed}|{draw_id}|{stratum}|{enterprise_id}".encode()).hexdigest()


def strata(pool: Iterable[Entrant]) -> list[Stratum]:
    """Sizes and quotas; a stratum that is drawn at all gives at least one."""
    sizes: defaultdict[tuple[str, int], int] = defaultdict(int)
    for member in pool:
        sizes[member.stratum, member.permille] += 1
    return [
        Stratum(name, permille, size, (size * permille + 999) // 1000)
        for (name, permille), size in sorted(sizes.items())
    ]


def winners(pool: Sequence[Entrant], draw_id: str, seed: str) -> list[Ticket]:
    """The lowest tickets of each stratum, in order of strata and tickets."""
    tickets: defaultdict[str, list[Ticket]] = defaultdict(list)
    for member in pool:
        own = ticket(seed, draw_id, member.stratum, member.enterprise_id)
        tickets[member.stratum].append(Ticket(member.stratum, member.enterprise_id, own))
    drawn = []
    for name, _, _, quota in strata(pool):
        drawn += sorted(tickets[name], key=lambda t: t.ticket)[:quota]
    return drawn


def require_open(state: str) -> None:
    """Raises Conflict when the draw is over."""
    if state != FROZEN:
        raise Conflict("抽取已经结束" if state == HELD else "抽取已经作废", code=f"draw.{state}")


def require_commitment(new: str, known: Iterable[str], *, revealed: bool) -> None:
    """Raises Conflict for a copied commitment, or one that comes after a secret is out."""
    if revealed:
        raise Conflict("已有一方公开随机数，不能再提交承诺", code="draw.commitments_closed")
    if new in known:
        raise Conflict("承诺与其他方相同，请另选随机数", code="draw.commitment_copied")


def require_secret(secret: str, committed: str, roles: Iterable[str]) -> None:
    """Raises Conflict before the supervisor has committed, Malformed when the secret is another one."""
    if "supervisor" not in roles:
        raise Conflict("监督机构尚未提交承诺，不能公开随机数", code="draw.supervisor_missing")
    if not compare_digest(commitment(secret), committed):
        raise Malformed("随机数与承诺不符", code="draw.secret_mismatch")


def split(items: Sequence[ItemFact], *, off_site_first: bool) -> dict[str, list[ItemFact]]:
    """Items by the way in which a drawn enterprise is inspected (LX-09, QZ-15).

    Where a visit is needed anyway, items that allow both ways come along; else they stay off site if that
    comes first.
    """
    visit_needed = any(item.method == "on_site" for item in items)
    either = "on_site" if visit_needed or not off_site_first else "off_site"
    ways: dict[str, list[ItemFact]] = defaultdict(list)
    for item in items:
        ways[either if item.method == "either" else item.method].append(item)
    return dict(ways)
