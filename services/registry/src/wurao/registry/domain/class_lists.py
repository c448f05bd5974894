"""Class lists: next year's classes, proposed, approved in their month by their body, in force from 1 January (CX-13).

building → proposed → approved; a newer list of the same area, year and kind supersedes one that nobody approved.
An annual list is for the year after its approval. A first list is for the current year, where no list is in force.
A supplementary list adds enterprises to a list, or classes them anew.
"""

import hashlib
import json
from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from wurao.common.contracts.shared import Refusal
from wurao.common.errors import Conflict, Kind, Refused
from wurao.common.legalclock import Period, due_date
from wurao.common.packs import Param
from wurao.common.workdays import WorkCalendar
from wurao.registry.domain.policy import ClassListSection, refusal

ANNUAL, FIRST, SUPPLEMENTARY = "annual", "first", "supplementary"
BUILDING, PROPOSED, APPROVED, SUPERSEDED = "building", "proposed", "approved", "superseded"

BODIES = {"conference": "联席会议", "head": "负责人"}


@dataclass(frozen=True, slots=True)
class Held:
    """The lists that are approved for an area: in force today, and for a year."""

    today: bool
    year: bool


@dataclass(frozen=True, slots=True)
class Approval:
    """Who approves what, and what is known of the list."""

    kind: str
    year: int
    state: str
    proposed_by: str
    by: str
    roles: frozenset[str]
    published_until: date | None
    objected: bool


def month_of(section: ClassListSection) -> Param[int]:
    """The month of approval. Raises Refused where grades need no list."""
    if section.approved_month is None:
        message = "本地区的等级不经年度清单审定"
        raise Refused([refusal("class_list.not_by_list", section.approved_by, message, "按日常分级办理")])
    return section.approved_month


def window(year: int, section: ClassListSection) -> tuple[date, date]:
    """The first and last day on which a year's list is approved: in the month named, of the year before."""
    month = month_of(section).value
    return date(year - 1, month, 1), date(year - 1, month, monthrange(year - 1, month)[1])


def require_proposable(kind: str, year: int, held: Held, today: date, section: ClassListSection) -> None:
    """A list that could be approved at all. Raises Refused."""
    month_of(section)
    if found := _unlawful_kind(kind, year, held, today, section):
        raise Refused(found)


def _unlawful_kind(kind: str, year: int, held: Held, today: date, section: ClassListSection) -> list[Refusal]:
    month = month_of(section)
    if kind == ANNUAL:
        first, last = window(year, section)
        if last < today:
            ahead = window(today.year + 1, section)
            following = today.year + 1 if today <= ahead[1] else today.year + 2
            earliest = max(today, window(following, section)[0])
            message = f"{year}年度清单应在{first}至{last}审定，期限已过"
            return [refusal("class_list.too_late", month, message, f"最早自{earliest}起审定{following}年度清单")]
        if held.year:
            return [_again(year, section)]
    elif kind == FIRST:
        if not section.first_list_at_once.value or held.today or year != today.year:
            first, last = window(today.year + 1, section)
            message = "只有在没有生效清单时，才能即时审定本年度清单"
            way = f"自{first}至{last}审定{today.year + 1}年度清单"
            return [refusal("class_list.not_first", section.first_list_at_once, message, way)]
    elif not section.supplementary_lists.value or not held.year:
        message = f"{year}年度没有已审定的清单可以补充"
        return [refusal("class_list.nothing_to_supplement", section.supplementary_lists, message, "先审定年度清单")]
    return []


def _again(year: int, section: ClassListSection) -> Refusal:
    message = f"{year}年度清单已经审定"
    return refusal("class_list.approved_already", month_of(section), message, "以补充清单变更个别企业的等级")


def require_approvable(approval: Approval, held: Held, today: date, section: ClassListSection) -> None:
    """Right body, other person, right month, publication over, no objection open. Raises Refused with all faults."""
    body = section.approved_by
    if body.value not in approval.roles:
        name = BODIES.get(body.value, body.value)
        message = f"分级清单须由{name}审定"
        why = [refusal("class_list.other_body", body, message, f"提请{name}审定")]
        raise Refused(why, kind=Kind.FORBIDDEN)
    if approval.state != PROPOSED:
        clause = month_of(section).clause
        raise Conflict("只有已提请审定的清单可以审定", code="class_list.not_proposed", clause=clause)
    found = _unlawful_kind(approval.kind, approval.year, held, today, section)
    if approval.by == approval.proposed_by:
        found.append(refusal("class_list.own_proposal", body, "提出清单的人不得自行审定", "由其他人员审定"))
    if approval.kind == ANNUAL and not found:
        found += _too_early(approval.year, today, section)
    if approval.published_until is not None and today <= approval.published_until:
        way = f"{approval.published_until}之后审定"
        rests_on = section.list_publication_days or month_of(section)
        found.append(refusal("class_list.being_published", rests_on, "清单公示期未满", way))
    if approval.objected:
        message, way = "企业对清单的异议尚未处理", "先处理异议，再审定或者重新提出清单"
        found.append(refusal("class_list.objected", body, message, way))
    if found:
        raise Refused(found)


def _too_early(year: int, today: date, section: ClassListSection) -> list[Refusal]:
    first, last = window(year, section)
    if today >= first:
        return []
    message = f"{year}年度清单应在{first.year}年{first.month}月审定"
    return [refusal("class_list.wrong_month", month_of(section), message, f"自{first}至{last}审定")]


def in_force_from(kind: str, year: int, today: date) -> date:
    """The day from which a list approved today is in force: at once, or from 1 January of its year."""
    return max(today, date(year, 1, 1)) if kind != ANNUAL else date(year, 1, 1)


def published_until(today: date, section: ClassListSection, days: WorkCalendar) -> date | None:
    """The last day of publication before approval, None where the pack wants none."""
    wanted = section.list_publication_days
    return None if wanted is None else due_date(today, Period(wanted.value, "working", wanted.cite), days).due


class Digest:
    """SHA-256 over a list's entries in the order of their ids, a JSON array a line: id, class, score, reasons."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def add(self, enterprise_id: str, grade: str, score: int, reasons: Sequence[str]) -> None:
        """Take the next entry."""
        line = json.dumps([enterprise_id, grade, score, list(reasons)], ensure_ascii=False, separators=(",", ":"))
        self._hash.update(line.encode() + b"\n")

    def hex(self) -> str:
        """What the entries so far come to."""
        return self._hash.hexdigest()


def digest(entries: Iterable[tuple[str, str, int, Sequence[str]]]) -> str:
    """The digest of entries in the order of their ids."""
    made = Digest()
    for entry in entries:
        made.add(*entry)
    return made.hex()


def changes(pairs: Iterable[tuple[str | None, str]]) -> dict[str, int]:
    """How many enterprises move from one class to another; `→B` for those that had none."""
    found: dict[str, int] = {}
    for before, after in pairs:
        if before != after:
            key = f"{before or ''}→{after}"
            found[key] = found.get(key, 0) + 1
    return found
