"""What a quarter came to, as data and as tables in the terminal."""

from typing import Any

from pydantic import AwareDatetime, BaseModel, Field
from rich.columns import Columns
from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from wurao.common import qr
from wurao.embedded.demo.client import SERVICES, Endpoints

TITLES = {"yongzhou": "永州", "dingtao": "定陶", "linxia": "临夏", "quzhou": "衢州", "cangxian": "沧县"}


class Prevented(BaseModel):
    """A rule that said no: how often, by which clause, in its own words, and what would be lawful."""

    clause: str
    cite: str
    code: str
    times: int
    example: str
    alternative: str = ""


class Quarter(BaseModel):
    """The quarter's results."""

    pack: str
    area: str
    loaded: dict[str, int] = Field(default_factory=dict)
    agencies_published: int = 0
    grades: dict[str, int] = Field(default_factory=dict)
    class_list: str = ""
    measures: dict[str, str] = Field(default_factory=dict)
    plans: list[str] = Field(default_factory=list)
    drawn: int = 0
    pool: int = 0
    prevented: list[Prevented] = Field(default_factory=list)
    tasks: int = 0
    visits: int = 0
    visits_unmerged: int = 0
    entries: int = 0
    on_time: dict[str, str] = Field(default_factory=dict)
    penalties: list[str] = Field(default_factory=list)
    regraded: str = ""
    view: str = ""
    unfiled: str = ""
    lead: dict[str, str] = Field(default_factory=dict)
    blocked_after_seconds: float | None = None
    blocked_by: str = ""
    rules: dict[str, str] = Field(default_factory=dict)
    figures: dict[str, Any] = Field(default_factory=dict)
    code_page: str = ""
    seconds: float = 0.0
    ended_at: AwareDatetime

    def prevent(self, refusals: list[dict[str, Any]]) -> None:
        """Count refusals under their clause."""
        for refusal in refusals:
            known = next((one for one in self.prevented if one.code == refusal["code"]), None)
            if known:
                known.times += 1
                continue
            self.prevented.append(
                Prevented(
                    clause=refusal["clause"],
                    cite=refusal["cite"],
                    code=refusal["code"],
                    times=1,
                    example=refusal["message"],
                    alternative=next(iter(refusal["alternatives"]), ""),
                )
            )


def show(console: Console, quarter: Quarter, endpoints: Endpoints) -> None:
    """Print the summary."""
    title = f"{TITLES[quarter.pack]}政策包下的一个季度（{quarter.area}，用时 {quarter.seconds:.0f} 秒，每一步都成立）"
    console.rule(f"[bold]{title}")
    console.print(Columns([_numbers(quarter), _rules(quarter)], equal=False, expand=False))
    console.print(_prevented(quarter))
    console.print(Columns([_outcomes(quarter), _lead(quarter)], equal=False, expand=False))
    if quarter.code_page:
        console.print("扫码查验一次检查的行政行为码：")
        console.print(qr.terminal(quarter.code_page), soft_wrap=True, highlight=False)
        console.print(quarter.code_page, soft_wrap=True)
    console.print(_links(quarter, endpoints))


def _numbers(quarter: Quarter) -> Panel:
    table = Table.grid(padding=(0, 2))
    saved = quarter.visits_unmerged - quarter.visits
    share = f"（{100 * saved / quarter.visits_unmerged:.0f}%）" if quarter.visits_unmerged else ""
    rows = [
        ("导入", "，".join(f"{name} {count:,}" for name, count in quarter.loaded.items())),
        ("公示执法主体", str(quarter.agencies_published)),
        ("信用分级", "，".join(f"{grade} {count:,}" for grade, count in quarter.grades.items())),
        *([("分级清单审定", quarter.class_list)] if quarter.class_list else []),
        ("双随机", f"候选 {quarter.pool:,} 户，抽中 {quarter.drawn:,} 户"),
        (
            "综合查一次",
            f"{quarter.tasks} 项任务 → {quarter.visits} 次入企，原需 {quarter.visits_unmerged} 次，"
            f"少打扰 {saved} 次{share}",
        ),
        ("扫码入企并办结", str(quarter.entries)),
        *quarter.on_time.items(),
    ]
    for name, value in rows:
        table.add_row(Text(name, style="cyan"), value)
    return Panel(table, title="这个季度", title_align="left")


def _rules(quarter: Quarter) -> Panel:
    table = Table.grid(padding=(0, 2))
    for name, value in quarter.rules.items():
        table.add_row(Text(name, style="cyan"), value)
    return Panel(table, title="此地的规则", title_align="left")


def _prevented(quarter: Quarter) -> Table:
    table = Table(title="拦下的检查与入企", title_justify="left", show_lines=True, expand=True)
    table.add_column("次数", justify="right")
    table.add_column("条款", no_wrap=True)
    table.add_column("理由、出处、合法办法", overflow="fold", ratio=1)
    for one in sorted(quarter.prevented, key=lambda found: (-found.times, found.clause)):
        text = Text(one.example)
        text.append(f"\n{one.cite}", style="dim")
        if one.alternative:
            text.append(f"\n→ {one.alternative}", style="green")
        table.add_row(str(one.times), one.clause, text)
    return table


def _outcomes(quarter: Quarter) -> Panel:
    lines = [*quarter.plans, *quarter.penalties, quarter.regraded, quarter.view]
    return Panel(Text("\n".join(line for line in lines if line)), title="计划、处理与信用", title_align="left")


def _lead(quarter: Quarter) -> Panel:
    lines = [quarter.unfiled, *(f"{name}：{value}" for name, value in quarter.lead.items())]
    if quarter.blocked_after_seconds is not None:
        lines.append(
            f"停职决定 {quarter.blocked_after_seconds:.1f} 秒后，该人员在下一家企业门口被拒：{quarter.blocked_by}"
        )
    return Panel(Text("\n".join(line for line in lines if line)), title="问题线索与追责", title_align="left")


def _links(quarter: Quarter, endpoints: Endpoints) -> Panel:
    table = Table.grid(padding=(0, 2))
    for name in SERVICES:
        table.add_row(name, f"{endpoints.services[name]}/docs")
    board = f"{endpoints.services['supervision']}/board?area={quarter.area}&from=2025-12-01&to=2026-03-31"
    table.add_row("监督看板", board)
    return Panel(table, title="接口文档（不依赖外网）", title_align="left")
