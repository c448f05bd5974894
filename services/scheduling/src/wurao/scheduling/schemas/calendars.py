"""Calendars out, as JSON and as iCalendar (RFC 5545)."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Literal, Self

from icalendar import Calendar, Event
from pydantic import AwareDatetime, BaseModel, Field, model_validator

from wurao.common.contracts.shared import Window
from wurao.scheduling.schemas.shared import Body, Identifier, Out
from wurao.scheduling.usecases.calendars import Entry, Owner

RIGHTS: tuple[tuple[str, str], ...] = (
    ("执法人员少于两人、不出示执法证件的，有权拒绝检查", "行政处罚法 第四十二条、第五十五条"),
    ("认为执法人员与本企业有直接利害关系的，有权申请回避", "行政处罚法 第四十三条"),
    ("有权陈述、申辩，执法机关不得因此给予更重的处罚", "行政处罚法 第四十五条"),
)


class RightOut(BaseModel):
    """A right of the enterprise at a visit, and the article that grants it."""

    text: str
    cite: str


class EntryOut(Out):
    """A visit on a calendar."""

    visit_id: str
    version: int
    status: Literal["tentative", "confirmed", "cancelled"]
    day: date
    window: Window
    minutes: int
    enterprise_id: str
    enterprise_name: str
    premises_id: str | None
    lead_agency: str
    agencies: list[str]
    items: list[str]
    officers: list[str]
    officer_count: int


class CalendarOut(BaseModel):
    """A calendar: whose, from when to when, its visits, and for an enterprise its rights."""

    name: str
    first: date
    last: date
    entries: list[EntryOut]
    rights: list[RightOut]


class LinkIn(Body):
    """Whose calendar shall have a private address."""

    agency_id: Identifier | None = None
    enterprise_id: Identifier | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.agency_id is None) == (self.enterprise_id is None):
            raise ValueError("机关和企业应写且只写一个")
        return self

    def owner(self) -> Owner:
        """Whose calendar."""
        return Owner(self.agency_id, self.enterprise_id)


class LinkOut(BaseModel):
    """A private address of a calendar; `path` is told once and is as good as a password."""

    link_id: str
    path: Annotated[str | None, Field(description="Only in the answer that made it")] = None
    created_at: AwareDatetime
    revoked_at: AwareDatetime | None


def calendar_out(name: str, owner: Owner, first: date, last: date, entries: Sequence[Entry]) -> CalendarOut:
    """A calendar as JSON."""
    rights = RIGHTS if owner.enterprise_id else ()
    return CalendarOut(
        name=name,
        first=first,
        last=last,
        entries=[EntryOut.model_validate(entry) for entry in entries],
        rights=[RightOut(text=text, cite=cite) for text, cite in rights],
    )


def icalendar(name: str, owner: Owner, entries: Sequence[Entry], now: datetime) -> bytes:
    """A calendar as iCalendar: one event for each visit under its id, SEQUENCE its version, times in UTC."""
    calendar = Calendar()
    calendar.add("prodid", "-//Wurao//scheduling//ZH")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", f"{name}检查日历")
    for entry in entries:
        calendar.add_component(_event(entry, owner, now))
    return bytes(calendar.to_ical())


def _event(entry: Entry, owner: Owner, now: datetime) -> Event:
    event = Event()
    event.add("uid", entry.visit_id)
    event.add("sequence", entry.version)
    event.add("dtstamp", now.astimezone(UTC))
    event.add("dtstart", entry.window.opens.astimezone(UTC))
    event.add("dtend", entry.window.closes.astimezone(UTC))
    event.add("status", entry.status.upper())
    cancelled = "（已取消）" if entry.status == "cancelled" else ""
    whom = f"{entry.lead_agency}行政检查" if owner.enterprise_id else f"检查{entry.enterprise_name}"
    event.add("summary", f"{whom}{cancelled}")
    lines = [
        f"检查机关：{'、'.join(entry.agencies)}",
        f"检查事项：{'、'.join(entry.items)}",
        f"执法人员：{'、'.join(entry.officers) or f'{entry.officer_count}人'}",
        f"预计时长：{entry.minutes}分钟",
    ]
    if owner.enterprise_id:
        lines += ["您的权利：", *(f"{text}（{cite}）" for text, cite in RIGHTS)]
    event.add("description", "\n".join(lines))
    return event
