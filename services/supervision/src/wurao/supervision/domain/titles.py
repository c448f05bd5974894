"""Short Chinese titles of clauses, from the labels that the packs give their parameters."""

from collections.abc import Mapping
from functools import cache

from wurao.common.packs import load_packs


@cache
def clause_titles() -> Mapping[str, str]:
    """For each clause the label of the first parameter that rests on it, its text before its gaps."""
    found: dict[str, str] = {}
    for wanted in ("text", "operational"):
        for pack in load_packs().values():
            for parameter in pack.parameters.values():
                for value in parameter.values:
                    if value.origin == wanted:
                        found.setdefault(value.clause, parameter.label)
    return found
