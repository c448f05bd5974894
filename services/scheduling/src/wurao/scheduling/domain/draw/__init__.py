"""The double-random draw: anyone can replay it from published files alone (docs/draw.md).

Pool, officers, conflicts and rule are frozen and hashed before any secret is known; parties commit to secrets first
and reveal them afterwards; seed, tickets, officers and substitutes follow from these by SHA-256. Precedents: RFC 3797
(a seed from what nobody knew beforehand) and DB35/T 2223-2024 (verifiable random drawing).
"""

from wurao.scheduling.domain.draw.engine import (
    FILES,
    CannotReplace,
    Drawn,
    Inputs,
    Outcome,
    Replacement,
    Stratum,
    hold,
    read,
    require_replacement,
    summary,
)
from wurao.scheduling.domain.draw.frozen import Frozen, freeze
from wurao.scheduling.domain.draw.life import (
    DRAWING,
    FROZEN,
    HELD,
    VOID,
    outside_value,
    require_commitment,
    require_held,
    require_open,
    require_secret,
)
from wurao.scheduling.domain.draw.pooling import Strata, applies, concerned, split
from wurao.scheduling.domain.draw.result import DRAW, write
from wurao.scheduling.domain.draw.roster import Officer, Roster, Short, sent_by
from wurao.scheduling.domain.draw.seeds import commitment, seed
from wurao.scheduling.domain.draw.sheets import CONFLICTS, OFFICERS, POOL, PREVIOUS
from wurao.scheduling.domain.draw.spec import SPEC, Spec
from wurao.scheduling.domain.draw.spec import write as write_spec
from wurao.scheduling.domain.draw.texts import BadFile, Fault
from wurao.scheduling.domain.draw.tickets import lowest, ticket, won
from wurao.scheduling.domain.draw.verify import Verdict, require_seed, verify

__all__ = [
    "CONFLICTS",
    "DRAW",
    "DRAWING",
    "FILES",
    "FROZEN",
    "HELD",
    "OFFICERS",
    "POOL",
    "PREVIOUS",
    "SPEC",
    "VOID",
    "BadFile",
    "CannotReplace",
    "Drawn",
    "Fault",
    "Frozen",
    "Inputs",
    "Officer",
    "Outcome",
    "Replacement",
    "Roster",
    "Short",
    "Spec",
    "Strata",
    "Stratum",
    "Verdict",
    "applies",
    "commitment",
    "concerned",
    "freeze",
    "hold",
    "lowest",
    "outside_value",
    "read",
    "require_commitment",
    "require_held",
    "require_open",
    "require_replacement",
    "require_secret",
    "require_seed",
    "seed",
    "sent_by",
    "split",
    "summary",
    "ticket",
    "verify",
    "won",
    "write",
    "write_spec",
]
