"""The minutes of the joint conference as facts and as a page that prints (CX-01)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from html import escape

from wurao.common.contracts.shared import JsonObject
from wurao.common.db import ReadSession
from wurao.scheduling.domain import conference as rules
from wurao.scheduling.domain.gate.question import chinese
from wurao.scheduling.domain.quarters import period_of
from wurao.scheduling.repository import conference as repository
from wurao.scheduling.repository.facts import Policies
from wurao.scheduling.tables import Meeting, Resolution
from wurao.scheduling.usecases import evaluation

STYLE = (
    "body{font-family:FangSong,STFangsong,serif;max-width:48em;margin:2em auto;line-height:1.8;padding:0 1em}"
    "h1{text-align:center;font-size:1.5em}h2{font-size:1.1em}p{text-indent:2em;margin:.3em 0}"
    "@media print{body{margin:0;max-width:none}}"
)
NUMERALS = "一二三四五六七八九十"


@dataclass(frozen=True, slots=True)
class Minutes:
    """What the minutes of a meeting rest on."""

    meeting: Meeting
    attendee_names: list[str]
    absent_names: list[str]
    report: JsonObject
    resolutions: list[Resolution]
    reports_to: list[str]


async def of(session: ReadSession, meeting: Meeting, today: date) -> Minutes:
    """The minutes of a meeting, with the figures of the period before it."""
    policy = await Policies(session, today).of(meeting.area)
    members = await repository.members(session, meeting.area)
    before = period_of(meeting.day, rules.every_months(policy)).before
    report = await evaluation.of_period(session, meeting.area, before)
    return Minutes(
        meeting,
        [member.name for member in members if member.agency_id in meeting.attendees],
        [member.name for member in members if member.agency_id not in meeting.attendees],
        report.document(),
        list(await repository.resolutions(session, meeting.meeting_id)),
        list(policy.conference.reports_to.value),
    )


def page(minutes: Minutes) -> str:
    """The minutes as one HTML page in Chinese: nothing from elsewhere, no script, ready to print."""
    meeting = minutes.meeting
    title = escape(f"{meeting.title}纪要")
    kind = "例会" if meeting.kind == rules.REGULAR else f"临时会议（{meeting.reason}）"
    opening = (
        f"{chinese(meeting.day)}，召开涉企执法检查联席会议（{kind}）"
        f"{f'，由{meeting.presided_by}主持' if meeting.presided_by else ''}。"
    )
    sections = (
        ("会议议题", [f"{n}．{entry['title']}" for n, entry in enumerate(meeting.agenda["entries"], 1)]),
        ("工作情况", [_report(minutes.report)]),
        ("议定事项", [_resolved(one) for one in minutes.resolutions] or ["（无）"]),
        ("其他", [meeting.summary] if meeting.summary else []),
        ("参会单位", ["、".join(minutes.attendee_names) or "（无）"]),
        ("未参会单位", ["、".join(minutes.absent_names) or "（无）"]),
        ("呈报", ["、".join(minutes.reports_to)] if minutes.reports_to else []),
    )
    kept = [(heading, lines) for heading, lines in sections if lines]
    body = "".join(
        f"<h2>{NUMERALS[n]}、{escape(heading)}</h2>{_paragraphs(lines)}" for n, (heading, lines) in enumerate(kept)
    )
    return (
        f'<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{STYLE}</style></head><body><h1>{title}</h1>{_paragraphs([opening])}{body}</body></html>"
    )


def _paragraphs(lines: Iterable[str]) -> str:
    return "".join(f"<p>{escape(line)}</p>" for line in lines)


def _report(report: JsonObject) -> str:
    return (
        f"{report['title']}：计划任务{report['planned']}项，完成{report['done']}项（按时{report['on_time']}项），"
        f"逾期未查{report['lapsed']}项；入企检查{report['visits']}次，联合检查占比{report['joint_permille'] / 10:g}%，"
        f"合并减少入企{report['visits_saved']}次。"
    )


def _resolved(resolution: Resolution) -> str:
    subject, decision = rules.SUBJECTS[resolution.subject], rules.DECISIONS[resolution.decision]
    return f"〔{resolution.number}〕{subject}（{decision}）：{resolution.text}"
