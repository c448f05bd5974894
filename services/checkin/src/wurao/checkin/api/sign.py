"""The sign for the door: the enterprise code on a sheet to print, one file, nothing loaded."""

from html import escape

from wurao.checkin.tables import Enterprise
from wurao.common import qr
from wurao.common.clock import SHANGHAI

RULES = (
    "执法人员入企检查，应当先扫描本码，并出示行政行为码和执法证件。",
    "没有经批准的检查、证件不符或者未扫码的，经营主体有权拒绝。",
    "本码请张贴在入口处；遗失、破损或者换发后，旧码立即失效。",
    "对检查有意见的，可以在平台评价，或者拨打12345反映。",
)

STYLE = """
@page{size:A4;margin:18mm}
body{margin:0;font:16px/1.8 "PingFang SC","Microsoft YaHei",sans-serif;color:#000;text-align:center}
h1{font-size:44px;letter-spacing:.4em;margin:8mm 0 2mm;padding-left:.4em}
h2{font-size:24px;margin:0 0 6mm;overflow-wrap:anywhere}
.code svg{width:110mm;height:110mm}
dl{display:grid;grid-template-columns:auto auto;justify-content:center;gap:0 1em;margin:4mm 0;text-align:left}
dd{margin:0;overflow-wrap:anywhere}
ol{text-align:left;display:inline-block;margin:0;padding-left:1.4em}
"""


def sheet(enterprise: Enterprise, token: str) -> str:
    """The whole document; every value is escaped."""
    issued = enterprise.code_issued_at.astimezone(SHANGHAI)
    facts = (
        ("统一社会信用代码", enterprise.enterprise_id),
        ("签发日期", f"{issued:%Y年%m月%d日}"),
        ("码序号", f"第{enterprise.code_serial}次签发"),
    )
    rows = "".join(f"<dt>{name}</dt><dd>{escape(value)}</dd>" for name, value in facts)
    rules = "".join(f"<li>{rule}</li>" for rule in RULES)
    return (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        f"<title>营商码 {escape(enterprise.name)}</title><style>{STYLE}</style></head><body>"
        f'<h1>营商码</h1><h2>{escape(enterprise.name)}</h2><div class="code">{qr.svg(token)}</div>'
        f"<dl>{rows}</dl><ol>{rules}</ol></body></html>"
    )
