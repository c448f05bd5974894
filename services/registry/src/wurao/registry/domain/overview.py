"""What an enterprise is told about itself: the burden of a year, and its rights under the pack in force."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from pydantic import StrictBool, StrictInt

from wurao.common.clock import legal_date
from wurao.common.packs import Bases, Param, Section


class DoorRights(Section, prefix="entry"):
    """What officers owe at the door."""

    min_officers: Param[StrictInt]
    certificate_shown: Param[StrictBool]
    scan_required: Param[StrictBool]
    code_shown: Param[StrictBool]


class FrequencyRights(Section, prefix="cap"):
    """How often an agency may come."""

    on_site_per_year: Param[StrictInt] | None = None


class CallbackRights(Section, prefix="callback"):
    """Whether and when the enterprise is asked afterwards."""

    required: Param[StrictBool]
    days: Param[StrictInt] | None = None
    unit: Param[Literal["calendar", "working"]]


class EvaluationRights(Section, prefix="evaluation"):
    """Whether the enterprise may judge the inspection."""

    by_scan: Param[StrictBool]


@dataclass(frozen=True, slots=True)
class Right:
    """A right in Chinese, with the clause and the citation that give it."""

    text: str
    clause: str
    cite: str


@dataclass(frozen=True, slots=True)
class Rights:
    """What the rights of an enterprise are read from."""

    bases: Bases
    door: DoorRights
    frequency: FrequencyRights
    callback: CallbackRights
    evaluation: EvaluationRights

    def listed(self) -> tuple[Right, ...]:
        """The rights, in the order of an inspection."""
        door, bases = self.door, self.bases
        found = [_right(door.min_officers, f"现场检查的执法人员不得少于{door.min_officers.value}人")]
        if door.certificate_shown.value:
            found.append(_right(door.certificate_shown, "执法人员不出示执法证件的，有权拒绝检查"))
        if door.scan_required.value:
            found.append(_right(door.scan_required, "入企应当扫码，未扫码的有权拒绝并投诉"))
        if door.code_shown.value:
            found.append(_right(door.code_shown, "有权要求出示行政行为码并核验真伪"))
        found.append(_right(bases.item_listed, "有权拒绝未列入公布清单的检查事项"))
        if cap := self.frequency.on_site_per_year:
            found.append(_right(cap, f"同一执法主体每年现场检查原则上不超过{cap.value}次"))
        if self.evaluation.by_scan.value:
            found.append(_right(self.evaluation.by_scan, "有权扫码评价检查，检查机关不知道评价来自谁"))
        if self.callback.required.value and self.callback.days:
            days = f"{self.callback.days.value}{_DAYS[self.callback.unit.value]}"
            found.append(_right(self.callback.days, f"检查后{days}内有权接受回访、反映问题"))
        return (
            *found,
            _right(bases.statements_first, "受到处罚前有权陈述、申辩"),
            _right(bases.hearing_first, "对较重处罚有权要求听证"),
            _right(bases.lawful_conduct, "对乱检查、乱收费、乱罚款等有权投诉举报"),
        )


_DAYS = {"calendar": "日", "working": "个工作日"}


def _right(rests_on: Param[Any], text: str) -> Right:
    return Right(text, rests_on.clause, rests_on.cite)


@dataclass(frozen=True, slots=True)
class Inspection:
    """An inspection on site that has begun; `papers` is how many documents its form wants."""

    agencies: Sequence[str]
    started_at: datetime
    minutes: int
    papers: int


@dataclass(frozen=True, slots=True)
class Burden:
    """What inspections have cost an enterprise in a year. A joint visit counts once, and once for each agency."""

    year: int
    visits: int
    minutes: int
    papers: int
    by_agency: dict[str, int]


def burden(inspections: Iterable[Inspection], today: date) -> Burden:
    """The burden from 1 January of the year of a day."""
    found = [one for one in inspections if legal_date(one.started_at).year == today.year]
    return Burden(
        year=today.year,
        visits=len(found),
        minutes=sum(one.minutes for one in found),
        papers=sum(one.papers for one in found),
        by_agency=dict(sorted(Counter(agency for one in found for agency in one.agencies).items())),
    )
