"""Action codes (行政行为码): the keys that sign them, their publication, and their issue (QZ-09)."""

import os
import tempfile
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from wurao.common.clock import Clock
from wurao.common.codes import ActionClaims, KeyRing, items_digest
from wurao.common.contracts.scheduling import ActionKeyPublished
from wurao.common.db import WriteSession
from wurao.common.ids import new_id
from wurao.scheduling.domain import visits as rules
from wurao.scheduling.repository import visits as repository
from wurao.scheduling.tables import ActionKey, RevokedCode, Visit

# The first key is valid from long ago, so that a sandbox whose clock stands in the past can sign with it.
FIRST_VALID = datetime(2020, 1, 1, tzinfo=UTC)


class Signer:
    """The key ring of a file, made on first use when missing; without a file it lives as long as the process."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    @cached_property
    def ring(self) -> KeyRing:
        """The keys. Raises ValueError or PermissionError when the file is damaged or open to others."""
        if self._path is None:
            return KeyRing.generate(FIRST_VALID)
        if not self._path.exists():
            _create(self._path)
        return KeyRing.load(self._path)


def _create(path: Path) -> None:
    """Put a new ring in place unless another process was first; both then load the same."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as folder:
        made = Path(folder) / "keys.json"
        KeyRing.generate(FIRST_VALID).save(made)
        try:
            os.link(made, path)
        except FileExistsError:
            return


async def announce(session: WriteSession, signer: Signer, clock: Clock) -> None:
    """Tell of each key once; doors verify offline with them."""
    known = await repository.announced_keys(session)
    for jwk in signer.ring.public():
        if jwk["kid"] not in known:
            session.add(ActionKey(kid=jwk["kid"], published_at=clock.now()))
            session.record(ActionKeyPublished(kid=jwk["kid"], jwk=jwk, published_at=clock.now(), version=1))


async def issue(session: WriteSession, signer: Signer, visit: Visit, now: datetime) -> None:
    """Give a visit a new code, bound to enterprise, agencies, officers, items and window."""
    await session.flush()
    agencies = (await repository.agencies(session, [visit.visit_id])).get(visit.visit_id, [])
    officers = (await repository.officers(session, [visit.visit_id])).get(visit.visit_id, [])
    window = rules.window(visit.day, visit.opens_at, visit.closes_at)
    visit.code_id = new_id()
    claims = ActionClaims(
        jti=visit.code_id,
        visit_id=visit.visit_id,
        enterprise_id=visit.enterprise_id,
        premises_id=visit.premises_id,
        agencies=tuple(agencies),
        officers=tuple(officer.officer_id for officer in officers),
        items_digest=items_digest(item["item_id"] for item in visit.items),
        nbf=int(window.opens.timestamp()),
        exp=int(window.closes.timestamp()),
        iat=int(now.timestamp()),
    )
    visit.code = claims.to_token(signer.ring)


def revoke(session: WriteSession, visit: Visit, now: datetime) -> str | None:
    """Put a visit's code on the list of those that are no longer good; its id, or None when it has no code."""
    if visit.code_id is None:
        return None
    window = rules.window(visit.day, visit.opens_at, visit.closes_at)
    session.add(RevokedCode(code_id=visit.code_id, visit_id=visit.visit_id, revoked_at=now, expires_at=window.closes))
    return visit.code_id
