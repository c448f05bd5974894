"""Circumstances of an act, as codes shared with check-in's findings and the lists of the packs.

minor, corrected, harmless        slight act, corrected in time, no harm (行政处罚法 art. 33 para. 1)
first_offence, slight_harm        first act of its kind, slight harm (art. 33 para. 1)
no_fault                          the party proved that it was not at fault (art. 33 para. 2)
harm_removed, coerced, confessed, merit   must be lighter or mitigated (art. 32)
repeated, refused                 done again; an order to correct was refused
soft_means_suffice                a measure without coercion would do (行政强制法 art. 5)

`first_offence` and `repeated` are never taken from a claim: this service's own history decides.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

MINOR, CORRECTED, HARMLESS = "minor", "corrected", "harmless"
FIRST_OFFENCE, SLIGHT_HARM, NO_FAULT = "first_offence", "slight_harm", "no_fault"
HARM_REMOVED, COERCED, CONFESSED, MERIT = "harm_removed", "coerced", "confessed", "merit"
REPEATED, REFUSED, SOFT_MEANS_SUFFICE = "repeated", "refused", "soft_means_suffice"

EXEMPTING = frozenset({MINOR, CORRECTED, HARMLESS})
WAIVABLE = frozenset({FIRST_OFFENCE, SLIGHT_HARM, CORRECTED})
LIGHTENING: dict[str, str] = {HARM_REMOVED: "第一项", COERCED: "第二项", CONFESSED: "第三项", MERIT: "第四项"}
AGGRAVATING = frozenset({REPEATED, REFUSED})
COMPUTED = frozenset({FIRST_OFFENCE, REPEATED})
KNOWN = EXEMPTING | WAIVABLE | frozenset(LIGHTENING) | AGGRAVATING | {NO_FAULT, SOFT_MEANS_SUFFICE}


@dataclass(frozen=True, slots=True)
class ProvenAct:
    """An earlier act of the same kind by the same enterprise, established by a decision."""

    case_id: str
    case_no: str
    act_on: date
    decided_on: date


def established(
    claimed: Iterable[str], history: Sequence[ProvenAct], *, act_on: date, period_years: int
) -> frozenset[str]:
    """The circumstances with `first_offence` and `repeated` computed from history (DT-07).

    An act is a first offence when no act of its kind was established within the period before it; it is
    repeated when one of those had been decided before the day on which it happened.
    """
    recent = [act for act in history if _within(act, act_on, period_years)]
    computed = {FIRST_OFFENCE} if not recent else set()
    if any(act.decided_on < act_on for act in recent):
        computed.add(REPEATED)
    return frozenset(claimed) - COMPUTED | computed


def _within(act: ProvenAct, act_on: date, years: int) -> bool:
    return act.decided_on >= years_before(act_on, years)


def years_before(day: date, years: int) -> date:
    """The same day so many years earlier; 28 February where there is no 29th."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)
