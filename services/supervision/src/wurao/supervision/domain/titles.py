"""Short Chinese titles of clauses, from the labels that the packs give their parameters."""

from collections.abc import Mapping
from functools import cache

from wurao.common.packs import load_packs

# A clause on which more parameters rest speaks of too much for one of their labels to name it.
MOST_LABELS = 4


@cache
def clause_titles() -> Mapping[str, str]:
    """The label of the first parameter that rests on a clause, for clauses that speak of one matter."""
    labels: dict[str, dict[str, None]] = {}
    for pack in load_packs().values():
        for parameter in pack.parameters.values():
            for value in parameter.values:
                if value.origin != "silent":
                    labels.setdefault(value.clause, {})[parameter.label] = None
    return {clause: next(iter(found)) for clause, found in labels.items() if len(found) <= MOST_LABELS}
