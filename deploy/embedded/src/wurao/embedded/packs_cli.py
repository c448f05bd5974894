"""`wurao pack`: lets an official check the policy packs and see where two of them differ."""

import importlib
import pkgutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from wurao.common.clock import legal_date
from wurao.common.packs import (
    Difference,
    Pack,
    PackError,
    Param,
    Report,
    check,
    declared_sections,
    diff,
    load_packs,
)

_SERVICES = ("registry", "scheduling", "checkin", "penalty", "supervision")
_ORIGINS = {"text": "原文", "operational": "操作口径", "silent": "未作规定"}

app = typer.Typer(help="政策包：检查与比较", no_args_is_help=True)

Day = Annotated[
    date | None, typer.Option("--on", parser=date.fromisoformat, metavar="YYYY-MM-DD", help="以哪一天为准，默认今天")
]


@app.command("check")
def check_command(on: Day = None) -> None:
    """检查全部政策包能否满足各服务的读取要求。"""
    console = Console()
    day = on or _today()
    packs = _packs(console)
    _import_services()
    report = check(packs, declared_sections(), day)
    console.print(_overview(packs, report, day))
    if not report.sound:
        console.print(_errors(report))
    if report.unread:
        console.print(f"提示：{len(report.unread)} 个参数尚无服务读取：{'、'.join(report.unread)}", soft_wrap=True)
    raise typer.Exit(0 if report.sound else 1)


@app.command("diff")
def diff_command(a: str, b: str, on: Day = None) -> None:
    """比较两个政策包在某一天的不同规定。"""
    console = Console()
    day = on or _today()
    packs = _packs(console)
    unknown = [name for name in (a, b) if name not in packs]
    if unknown:
        console.print(f"没有名为 {unknown[0]} 的政策包；现有：{'、'.join(packs)}")
        raise typer.Exit(2)
    differences = diff(packs[a], packs[b], day)
    console.print(_comparison(packs[a], packs[b], differences, day))


def _today() -> date:
    return legal_date(datetime.now(UTC))


def _packs(console: Console) -> dict[str, Pack]:
    try:
        return load_packs()
    except PackError as error:
        console.print(f"政策包有误：{error}", soft_wrap=True, markup=False)
        raise typer.Exit(1) from error


def _import_services() -> None:
    """Imports every module of the services: importing declares the sections they read."""
    for service in _SERVICES:
        package = importlib.import_module(f"wurao.{service}")
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not {"__main__", "migrations"} & set(module.name.split(".")):
                importlib.import_module(module.name)


def _overview(packs: dict[str, Pack], report: Report, day: date) -> Table:
    table = Table(
        "政策包", "名称", "区划", "文号", "参数", "本级规定", "操作口径", "结果", title=f"政策包检查（{day}）"
    )
    for name, pack in packs.items():
        found = [parameter.at(day) for parameter in pack.parameters.values()]
        own = [value for value in found if value and value.pack == name]
        set_here = sum(value.origin == "operational" for value in own)
        result = f"[red]{len(report.errors[name])} 处错误[/]" if report.errors[name] else "[green]通过[/]"
        counts = (str(len(found)), str(len(own)), str(set_here))
        table.add_row(name, pack.title, pack.area, pack.source.number, *counts, result)
    return table


def _errors(report: Report) -> Table:
    table = Table(title="错误")
    for heading in ("政策包", "位置", "参数", "问题"):
        table.add_column(heading, overflow="fold")
    for name, errors in report.errors.items():
        for error in errors:
            table.add_row(name, f"{error.file}:{error.line}", error.parameter or "", error.message)
    return table


def _comparison(a: Pack, b: Pack, differences: list[Difference], day: date) -> Table:
    title = f"{a.title}与{b.title}的不同规定（{day}，共 {len(differences)} 项）"
    table = Table(title=title, show_lines=True)
    for heading in ("规定", f"{a.title}（{a.name}）", f"{b.title}（{b.name}）"):
        table.add_column(heading, overflow="fold")
    ours, theirs = _Words(a, day), _Words(b, day)
    for difference in differences:
        name = f"{difference.label}\n[dim]{difference.name}[/]"
        table.add_row(name, _cell(difference.a, ours), _cell(difference.b, theirs))
    return table


class _Words:
    """Chinese words for the codes in values, from the pack's own label tables.

    A code may mean two things (`emergency`: a ground, or a line of administration): the unit decides.
    """

    def __init__(self, pack: Pack, day: date) -> None:
        tables = {name: param.value for name, param in pack.in_force(day).items() if param.unit == "labels"}
        self._common = {**tables.get("penalty.circumstance_labels", {}), **tables.get("vocabulary.labels", {})}
        self._special = {
            "grounds": tables.get("grounds.labels", {}),
            "categories": tables.get("complaint.labels", {}),
        }

    def of(self, unit: str) -> dict[str, str]:
        return {**self._common, **self._special.get(unit, {})}


def _cell(param: Param[Any] | None, words: _Words) -> str:
    if param is None:
        return "（不在有效期）"
    source = f"{param.cite}，{param.since} 起，{_ORIGINS[param.origin]}"
    return "\n".join([*_lines(param.value, words.of(param.unit)), f"[dim]{source}[/]"])


def _lines(value: Any, words: dict[str, str]) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            inner = list(_lines(item, words))
            yield f"{words.get(key, key)}：{inner[0] if len(inner) == 1 else ''}"
            yield from (f"　{line}" for line in inner if len(inner) > 1)
    elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
        yield from (
            "· " + "；".join(f"{words.get(key, key)} {_flat(part, words)}" for key, part in item.items())
            for item in value
        )
    else:
        yield _flat(value, words)


def _flat(value: Any, words: dict[str, str]) -> str:
    if isinstance(value, list):
        return "、".join(_flat(item, words) for item in value) or "（无）"
    if isinstance(value, dict):
        return "，".join(f"{words.get(key, key)} {_flat(item, words)}" for key, item in value.items())
    if isinstance(value, bool):
        return "是" if value else "否"
    return "未规定" if value is None else words.get(value, str(value))
