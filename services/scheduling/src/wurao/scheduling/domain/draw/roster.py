"""Officers for drawn enterprises: of the right line, without conflict, while visits are left to them."""

from bisect import bisect_left, insort
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import NamedTuple


class Officer(NamedTuple):
    """An officer who may be drawn for `max_visits` visits of his line."""

    officer_id: str
    line: str
    max_visits: int


class Short(NamedTuple):
    """Why a line sends nobody: it needs `needed`, and only `able` of its officers may go.

    `full` have no visit left; `barred` have one, but stand in conflict with the enterprise or went there last.
    """

    line: str
    needed: int
    able: int
    full: int
    barred: int


class Roster:
    """Officers by line, and how many visits are left to each."""

    def __init__(self, officers: Iterable[Officer]) -> None:
        self._left = {}
        self._lines: dict[str, list[str]] = {}
        self._sizes: dict[str, int] = {}
        self._line_of: dict[str, str] = {}
        for officer in sorted(officers):
            self._left[officer.officer_id] = officer.max_visits
            self._line_of[officer.officer_id] = officer.line
            self._sizes[officer.line] = self._sizes.get(officer.line, 0) + 1
            live = self._lines.setdefault(officer.line, [])
            if officer.max_visits:
                live.append(officer.officer_id)

    def send(self, key: str, line: str, count: int, barred: Collection[str]) -> list[str] | Short:
        """Draw `count` officers of a line and take a visit from each; nobody when too few may go.

        `key` is what the hashes begin with. The officer at place k is number h mod n of the n who may still go,
        ascending by id, where h = SHA-256(key|line|k); 256 bits make every one as likely as the other.
        """
        live = self._lines.get(line, [])
        away = sorted(_places(live, barred)) if barred else []
        able = len(live) - len(away)
        if able < count:
            return Short(line, count, able, self._sizes.get(line, 0) - len(live), len(away))
        sent = []
        for place in range(1, count + 1):
            drawn = int.from_bytes(sha256(f"{key}|{line}|{place}".encode()).digest(), "big") % (able - place + 1)
            for gone in away:
                drawn += gone <= drawn
            sent.append(live[drawn])
            insort(away, drawn)
        for officer_id in sent:
            self._take(officer_id)
        return sent

    def _take(self, officer_id: str) -> None:
        self._left[officer_id] -= 1
        if not self._left[officer_id]:
            live = self._lines[self._line_of[officer_id]]
            del live[bisect_left(live, officer_id)]

    def give_back(self, officer_ids: Iterable[str]) -> None:
        """The visit of these officers does not take place: it is left to them again."""
        for officer_id in officer_ids:
            if not self._left[officer_id]:
                insort(self._lines[self._line_of[officer_id]], officer_id)
            self._left[officer_id] += 1


def _places(live: Sequence[str], officer_ids: Iterable[str]) -> Iterator[int]:
    """Where those of the officers stand who have visits left."""
    for officer_id in officer_ids:
        at = bisect_left(live, officer_id)
        if at < len(live) and live[at] == officer_id:
            yield at


def sent_by(officers: Mapping[str, Sequence[str]]) -> list[str]:
    """All officers of a visit, of whichever line."""
    return [officer_id for sent in officers.values() for officer_id in sent]
