"""The page behind a code: one file, no scripts, nothing loaded, readable on any phone."""

from collections.abc import Iterable
from datetime import datetime
from html import escape

from wurao.checkin.usecases.checks import Check
from wurao.checkin.usecases.codes import State
from wurao.common.clock import SHANGHAI

GOOD: frozenset[State] = frozenset({"in_use", "upcoming", "open", "entered", "finished"})

STATES: dict[State, str] = {
    "not_genuine": "不是真码",
    "replaced": "已换发",
    "withdrawn": "已停用",
    "in_use": "使用中",
    "unknown": "无登记",
    "revoked": "已撤销",
    "cancelled": "已取消",
    "upcoming": "已批准，未到时间",
    "open": "已批准，可以检查",
    "entered": "检查进行中",
    "finished": "检查已结束",
    "expired": "已过期",
}

RIGHTS = (
    ("查验证件", "执法人员应当主动出示执法证件；可以核对姓名、证号和有效期。"),
    ("拒绝无码检查", "未出示证件、人数不足、无码或者码已失效的，有权拒绝检查，不作为企业过错。"),
    ("评价", "检查结束后凭本码评价，每次检查评价一次，检查机关看不到评价人。"),
    ("举报", "无码检查、乱收费、影响正常生产经营的，可以拨打12345或者在平台举报。"),
)

STYLE = """
body{margin:0;font:16px/1.7 system-ui,"PingFang SC","Microsoft YaHei",sans-serif;background:#f4f5f7;color:#1f2329}
main{max-width:32rem;margin:0 auto;padding:1rem}
section{background:#fff;border-radius:.6rem;padding:1rem;margin-bottom:1rem}
h1{font-size:1.15rem;margin:0 0 .3rem}h2{font-size:1rem;margin:0 0 .5rem}
.good{border-left:.5rem solid #2e7d32}.bad{border-left:.5rem solid #c62828}
dl{margin:0}dt{color:#646a73;font-size:.85rem}dd{margin:0 0 .6rem;overflow-wrap:anywhere}
ul{margin:0;padding-left:1.2rem}
"""


def render(check: Check) -> str:
    """The whole document; every value is escaped."""
    kind = "enterprise" if check.kind == "enterprise" else "action"
    title = "营商码核验" if kind == "enterprise" else "行政行为码核验"
    tone = "good" if check.state in GOOD else "bad"
    rights = "".join(f"<li><b>{escape(name)}</b>：{escape(words)}</li>" for name, words in RIGHTS)
    return (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{title}</title><style>{STYLE}</style></head><body><main>"
        f'<section class="{tone}"><h1>{escape(check.message)}</h1>{_facts(check)}</section>'
        f"<section><h2>您可以</h2><ul>{rights}</ul></section>"
        "</main></body></html>"
    )


def _facts(check: Check) -> str:
    lines: list[tuple[str, str]] = []
    if check.enterprise_name:
        lines.append(("企业名称", check.enterprise_name))
    if check.agencies:
        lines.append(("检查机关", _list(check.agencies)))
    if check.officers is not None:
        lines.append(("执法人员", f"{check.officers}人"))
    if check.items:
        lines.append(("检查事项", _list(check.items)))
    if check.opens and check.closes:
        lines.append(("检查时间窗口", f"{_told(check.opens)} 至 {_told(check.closes)}"))
    if check.kind == "action":
        lines.append(("状态", STATES[check.state]))
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in lines)
    return f"<dl>{rows}</dl>" if rows else ""


def _list(names: Iterable[str]) -> str:
    return "、".join(names)


def _told(instant: datetime) -> str:
    return f"{instant.astimezone(SHANGHAI):%Y年%m月%d日 %H:%M}"
