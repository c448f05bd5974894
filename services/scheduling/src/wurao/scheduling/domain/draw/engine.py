"""The draw itself: one algorithm for files and for the service, the same on any machine (docs/draw.md).

Strata in order of their names' bytes, in each the lowest tickets by rank, for each drawn enterprise its lines in order
of their bytes; then the substitutes, in the order in which they were called.
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

import polars as pl

from wurao.scheduling.domain.draw import sheets, spec
from wurao.scheduling.domain.draw.frozen import Frozen, freeze
from wurao.scheduling.domain.draw.roster import Officer, Roster, Short, sent_by
from wurao.scheduling.domain.draw.sheets import CONFLICTS, OFFICERS, POOL, PREVIOUS
from wurao.scheduling.domain.draw.spec import SPEC, Spec
from wurao.scheduling.domain.draw.texts import BadFile, Fault
from wurao.scheduling.domain.draw.tickets import Tick, lowest

FILES = (POOL, OFFICERS, CONFLICTS, SPEC)


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a draw is held from; `barred` are enterprises with officers who may not go there."""

    pool: pl.DataFrame
    officers: Sequence[Officer]
    barred: pl.DataFrame
    spec: Spec
    frozen: Mapping[str, Frozen]


class Replacement(NamedTuple):
    """A drawn enterprise that cannot be inspected, and why."""

    enterprise_id: str
    reason: str


class Stratum(NamedTuple):
    """How many of a stratum stand in the pool and were drawn; `last` is the highest ticket that won."""

    stratum: str
    ratio: Decimal
    size: int
    quota: int
    lines: tuple[str, ...]
    last: str | None


class Drawn(NamedTuple):
    """An enterprise that was drawn, with its officers by line and the lines that can send nobody."""

    stratum: str
    rank: int
    enterprise_id: str
    ticket: str
    officers: Mapping[str, Sequence[str]]
    refused: Sequence[Short]
    replaces: Replacement | None = None


class Outcome(NamedTuple):
    """Everything that follows from the inputs and a seed; `drawn` by stratum and rank, then the substitutes."""

    draw_id: str
    seed: str
    strata: Sequence[Stratum]
    drawn: Sequence[Drawn]
    substitutes: Sequence[Drawn]


class CannotReplace(Exception):
    """A replacement that cannot be: `at` is its place in the list, the message says why."""

    def __init__(self, at: int, message: str) -> None:
        super().__init__(message)
        self.at, self.message = at, message


def read(files: Mapping[str, bytes], names: Mapping[str, str] | None = None) -> Inputs:
    """The inputs in files by kind (`pool.csv`, …), which faults call by `names`. Raises BadFile.

    `previous.csv` may be missing: who went to an enterprise last does not go there again.
    """
    called = {kind: (names or {}).get(kind, kind) for kind in files}
    with ThreadPoolExecutor(1) as beside:
        frozen = {kind: beside.submit(freeze, raw) for kind, raw in files.items()}
        found = _read(files, called)
    return Inputs(*found, frozen={kind: digest.result() for kind, digest in frozen.items()})


def _read(
    files: Mapping[str, bytes], called: Mapping[str, str]
) -> tuple[pl.DataFrame, Sequence[Officer], pl.DataFrame, Spec]:
    rule = spec.read(files[SPEC], called[SPEC])
    pool = sheets.read(POOL, files[POOL], called[POOL])
    known = {"stratum": pl.Series(list(rule.ratio), dtype=pl.String)}
    sheets.require_known(POOL, pool, files[POOL], called[POOL], known)
    officers = sheets.read(OFFICERS, files[OFFICERS], called[OFFICERS])
    ids = {"enterprise_id": pool["enterprise_id"], "officer_id": officers["officer_id"]}
    barred = []
    for kind in (CONFLICTS, PREVIOUS):
        if kind in files:
            pairs = sheets.read(kind, files[kind], called[kind], empty=True)
            if not pairs.is_empty():
                sheets.require_known(kind, pairs, files[kind], called[kind], ids if kind == CONFLICTS else {})
            barred.append(pairs)
    sendable = [Officer(officer_id, line, int(visits)) for officer_id, line, visits in officers.iter_rows()]
    return pool, sendable, pl.concat(barred), rule


def hold(inputs: Inputs, seed: str, replacements: Sequence[Replacement] = (), tick: Tick = lambda _: None) -> Outcome:
    """Draw. `tick` hears of enterprises ticketed. Raises CannotReplace."""
    return _Draw(inputs, seed, replacements).held(tick)


def summary(inputs: Inputs) -> list[dict[str, Any]]:
    """Sizes, ratios and quotas of the strata, as they stand before the seed."""
    sizes = sorted(inputs.pool.group_by("stratum").len().iter_rows(), key=lambda one: one[0].encode())
    return [
        {
            "stratum": name,
            "permille": int(inputs.spec.ratio[name] * 1000),
            "size": size,
            "quota": inputs.spec.quota(name, size),
        }
        for name, size in sizes
    ]


class _Draw:
    def __init__(self, inputs: Inputs, seed: str, replacements: Sequence[Replacement]) -> None:
        self._inputs, self._seed, self._replacements = inputs, seed, replacements
        self._spec = inputs.spec
        self._roster = Roster(inputs.officers)
        self._barred: dict[str, list[str]] = {}

    def held(self, tick: Tick) -> Outcome:
        strata, winners, waiting = [], [], {}
        for stratum, ids in self._strata():
            quota = self._spec.quota(stratum, len(ids))
            wanted = quota + len(self._replacements) if quota else 0
            ranked = lowest(self._seed, self._spec.draw_id, stratum, ids, wanted, tick)
            lines = self._spec.line[stratum]
            last = ranked[quota - 1][0] if quota else None
            strata.append(Stratum(stratum, self._spec.ratio[stratum], len(ids), quota, lines, last))
            tickets = [(stratum, rank, *one) for rank, one in enumerate(ranked, 1)]
            winners += tickets[:quota]
            waiting[stratum] = iter(tickets[quota:])
        self._bar([one[3] for one in winners])
        drawn = [self._sent(*one) for one in winners]
        return Outcome(self._spec.draw_id, self._seed, strata, drawn, list(self._substitutes(drawn, waiting)))

    def _strata(self) -> list[tuple[str, pl.Series]]:
        parts = self._inputs.pool.partition_by("stratum", as_dict=True)
        named = [(str(key[0]), part.get_column("enterprise_id")) for key, part in parts.items()]
        return sorted(named, key=lambda one: one[0].encode())

    def _bar(self, enterprise_ids: Sequence[str]) -> None:
        wanted = pl.Series(enterprise_ids, dtype=pl.String).implode()
        for enterprise_id, officer_id in self._inputs.barred.filter(pl.col("enterprise_id").is_in(wanted)).iter_rows():
            self._barred.setdefault(enterprise_id, []).append(officer_id)

    def _sent(
        self, stratum: str, rank: int, ticket: str, enterprise_id: str, replaces: Replacement | None = None
    ) -> Drawn:
        officers, refused = {}, []
        key = f"{self._seed}|{self._spec.draw_id}|{stratum}|{enterprise_id}"
        barred = set(self._barred.get(enterprise_id, ()))
        for line in self._spec.line[stratum]:
            sent = self._roster.send(key, line, self._spec.officers_per_visit, barred)
            if isinstance(sent, Short):
                refused.append(sent)
            else:
                officers[line] = sent
        return Drawn(stratum, rank, enterprise_id, ticket, officers, refused, replaces)

    def _substitutes(
        self, drawn: Sequence[Drawn], waiting: Mapping[str, Iterator[tuple[str, int, str, str]]]
    ) -> Iterator[Drawn]:
        standing = {one.enterprise_id: one for one in drawn}
        for at, replacement in enumerate(self._replacements):
            gone = standing.pop(replacement.enterprise_id, None)
            if gone is None:
                raise CannotReplace(at, f"{replacement.enterprise_id}不是抽中的企业，或者已经替换")
            following = next(waiting[gone.stratum], None)
            if following is None:
                raise CannotReplace(at, f"层“{gone.stratum}”没有下一号可以递补")
            self._roster.give_back(sent_by(gone.officers))
            self._bar([following[3]])
            standing[following[3]] = self._sent(*following, replaces=replacement)
            yield standing[following[3]]


def require_replacement(reason: str, file: str) -> None:
    """Raises BadFile for a reason that says nothing, or that does not stand on one line."""
    if not reason.strip() or len(reason) > 500 or not reason.isprintable():
        raise BadFile([Fault(file, 0, "", "替换理由应为 1 至 500 字的一行文字")])
