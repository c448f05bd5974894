"""The public board in Chinese: what was prevented, what was saved, what was in time. Counts only (DT-06)."""

from collections.abc import Mapping
from datetime import date, datetime
from html import escape

from wurao.common.clock import SHANGHAI
from wurao.supervision.domain.alerts import KINDS
from wurao.supervision.domain.figures import Figures, TimelyFigures
from wurao.supervision.pages.charts import Bar, bars, ring, tile
from wurao.supervision.pages.style import STYLE

STAGES = {
    "plan": "计划环节",
    "task": "任务环节",
    "visit": "入企审批环节",
    "code": "发码环节",
    "filing": "报备环节",
    "door": "企业门口",
}
OUTCOMES = {
    "no_fault": "无主观过错不罚",
    "no_violation": "违法事实不成立",
    "exempt": "不予处罚",
    "waived": "首违不罚",
    "mitigated": "减轻处罚",
    "lighter": "从轻处罚",
    "ordinary": "一般处罚",
    "heavier": "从重处罚",
    "transferred": "移送司法机关",
}
CLAUSES_SHOWN = 12


def board_page(place: str, first: date, last: date, figures: Figures, now: datetime) -> str:
    """The whole page for a place by its Chinese name."""
    place = escape(place)
    title = "涉企行政检查监督公示"
    sections = "".join(
        (
            _refusals(figures),
            _merging(figures),
            _timeliness(figures),
            _inspections(figures),
            _outcomes(figures),
            _alerts(figures),
            _accountability(figures),
        )
    )
    at = now.astimezone(SHANGHAI)
    return (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<title>{title} · {place}</title><style>{STYLE}</style></head><body><div class="wrap">'
        f"<header><h1>{title}</h1><p>{place} · {_day(first)}至{_day(last)}</p></header>"
        f'<main><ul class="tiles">{_tiles(figures)}</ul><div class="grid">{sections}</div></main>'
        f"<footer><p>全部数据由系统事件自动累计，只计件数和比率，不按罚款金额统计或者排名。"
        f"生成时间 {at:%Y-%m-%d %H:%M}（北京时间）</p></footer></div></body></html>"
    )


def _tiles(figures: Figures) -> str:
    refusals, merging, mean = figures.refusals, figures.merging, figures.evaluations.mean
    return "".join(
        (
            tile("阻止的不当检查", f"{refusals.total:,}", f"其中企业门口 {refusals.entries_refused:,} 次", "good"),
            tile(
                "合并减少入企",
                f"{merging.saved:,}",
                f"{merging.visits_unmerged:,} 次并为 {merging.visits:,} 次",
                "good",
            ),
            tile("完成检查", f"{figures.inspections.finished:,}", f"已开始 {figures.inspections.started:,} 次"),
            tile(
                "企业评价",
                f"{mean:.2f}" if mean is not None else "—",
                f"满分 5 分，共 {figures.evaluations.count:,} 份",
            ),
            tile("投诉举报", f"{figures.complaints.filed:,}", f"在办 {figures.complaints.open:,} 件", "warn"),
            tile("移送线索", f"{figures.leads.referred:,}", f"已签收 {figures.leads.acknowledged:,} 条", "bad"),
        )
    )


def _section(name: str, title: str, intro: str, body: str, *, wide: bool = False) -> str:
    kind = ' class="wide"' if wide else ""
    return (
        f'<section{kind} aria-labelledby="{name}"><h2 id="{name}">{escape(title)}</h2>'
        f"<p>{escape(intro)}</p>{body}</section>"
    )


def _refusals(figures: Figures) -> str:
    found = figures.refusals
    lines = [
        Bar(clause.title or clause.clause, clause.count, f"{clause.clause} · {clause.cite}")
        for clause in found.by_clause[:CLAUSES_SHOWN]
    ]
    stages = [Bar(STAGES.get(stage, stage), n) for stage, n in found.by_stage.items()]
    body = bars(lines, unit="次", tone="good", empty="本期没有阻止的检查")
    if stages:
        body += f'<h2 style="margin-top:1rem">在哪个环节被阻止</h2>{bars(stages, unit="次", tone="good")}'
    return _section("refusals", "依据哪些条款阻止了检查", "每一次阻止都写明所依据的条款。", body, wide=True)


def _merging(figures: Figures) -> str:
    found = figures.merging
    lines = [Bar("不合并需要入企", found.visits_unmerged), Bar("合并后实际入企", found.visits)]
    intro = f"{found.tasks:,} 项任务“综合查一次”，少打扰企业 {found.saved:,} 次。"
    return _section("merging", "综合查一次", intro, bars(lines, unit="次", empty="本期没有合并检查"))


def _timeliness(figures: Figures) -> str:
    callbacks, complaints, corrections = figures.callbacks, figures.complaints, figures.corrections
    shown: tuple[tuple[str, TimelyFigures, int], ...] = (
        ("投诉办结", complaints, max(complaints.late, complaints.overdue)),
        ("企业回访", callbacks, max(callbacks.late, callbacks.overdue)),
        ("检查报备", figures.filings, figures.filings.late),
        ("计划报备", figures.plans, figures.plans.late),
        ("整改反馈", corrections, max(corrections.late, corrections.overdue)),
    )
    rings = "".join(
        ring(title, found.on_time_permille, f"按时 {found.on_time:,}，逾期 {missed:,}")
        for title, found, missed in shown
    )
    return _section("timely", "按时率", "在规定期限内完成的比例。", f'<div class="rings">{rings}</div>', wide=True)


def _inspections(figures: Figures) -> str:
    found = figures.inspections
    minutes = (
        f"平均每次在企业停留 {found.minutes_mean} 分钟。" if found.minutes_mean is not None else "本期尚无完成的检查。"
    )
    lines = [
        Bar("扫码入企", found.by_scan),
        Bar("特殊情形入企", found.by_exception),
        Bar("未报备入企", found.unfiled),
        Bar("企业依法拒绝", figures.refusals.declined_by_enterprises),
    ]
    return _section("inspections", "入企情况", minutes, bars(lines, unit="次"))


def _outcomes(figures: Figures) -> str:
    found = figures.cases
    lines = _named(found.by_outcome, OUTCOMES)
    intro = f"立案 {found.opened:,} 件，决定 {found.decided:,} 件；只计件数。"
    return _section("outcomes", "案件处理结果", intro, bars(lines, unit="件", empty="本期没有决定的案件"))


def _alerts(figures: Figures) -> str:
    found = figures.alerts
    intro = f"发出预警 {found.raised:,} 条，解除 {found.cleared:,} 条。"
    return _section("alerts", "监督预警", intro, bars(_named(found.by_kind, KINDS), unit="条", tone="warn"))


def _accountability(figures: Figures) -> str:
    sanctions = figures.accountability.sanctions
    lines = [
        Bar("责令改正", figures.corrections.ordered),
        Bar("移送线索", figures.leads.referred),
        Bar("暂扣执法证件", sanctions.get("suspend", 0)),
        Bar("吊销执法证件", sanctions.get("revoke", 0)),
        Bar("败诉、被纠错案件倒查", sum(figures.accountability.trace_backs.values())),
    ]
    return _section("accountability", "追责情况", "查实之后的处理。", bars(lines, unit="件", tone="bad"))


def _named(found: Mapping[str, int], names: Mapping[str, str]) -> list[Bar]:
    return [Bar(names.get(code, code), n) for code, n in found.items()]


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
