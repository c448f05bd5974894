"""`wurao pack`: lets an official check the policy packs, a draft of one, and see where two of them differ."""

import importlib
import pkgutil
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from wurao.common.clock import legal_date
from wurao.common.packs import (
    Pack,
    PackError,
    Report,
    check,
    declared_sections,
    examine_pack,
    load_packs,
)
from wurao.common.packs.readers import readers_of
from wurao.embedded.packs_report import WRITERS, Comparison, compare

_SERVICES = ("registry", "scheduling", "checkin", "penalty", "supervision")

app = typer.Typer(help="政策包：检查与比较", no_args_is_help=True)

Day = Annotated[
    date | None, typer.Option("--on", parser=date.fromisoformat, metavar="YYYY-MM-DD", help="以哪一天为准，默认今天")
]
Files = Annotated[
    list[Path] | None,
    typer.Argument(exists=True, dir_okay=False, readable=True, help="待检查的政策包草稿；不给则检查全部已有政策包"),
]


@app.command("check")
def check_command(
    files: Files = None,
    on: Day = None,
    unread: Annotated[bool, typer.Option("--unread", help="列出尚无服务读取的参数")] = False,
) -> None:
    """检查政策包：格式、出处、单位、日期，以及能否满足各服务的读取要求。"""
    console = Console()
    packs = _packs(console)
    _import_services()
    if files:
        sound = _check_drafts(console, files, packs, on)
    else:
        report = check(packs, declared_sections(), on or _today())
        sound = _tell(console, packs, report, on or _today())
        if unread:
            console.print(_unread(packs, report.unread))
    raise typer.Exit(0 if sound else 1)


@app.command("diff")
def diff_command(
    a: str,
    b: str,
    on: Day = None,
    everything: Annotated[bool, typer.Option("--all", help="相同的规定也列出")] = False,
    out: Annotated[Path | None, typer.Option("--out", help="写入文件：.html、.md 或者 .csv")] = None,
) -> None:
    """比较两个政策包（名称或者草稿文件）在某一天的规定，逐项列出依据。"""
    console = Console()
    packs = _packs(console)
    if out and out.suffix not in WRITERS:
        console.print(f"只能写成 {'、'.join(WRITERS)} 文件")
        raise typer.Exit(2)
    found = compare(_named(console, a, packs), _named(console, b, packs), on or _today(), everything=everything)
    if out:
        out.write_text(WRITERS[out.suffix](found), encoding="utf-8", newline="")
        console.print(f"{found.title}，已写入 {out}", soft_wrap=True)
    else:
        _print(console, found)


def _today() -> date:
    return legal_date(datetime.now(UTC))


def _packs(console: Console) -> dict[str, Pack]:
    try:
        return load_packs()
    except PackError as error:
        console.print(f"政策包有误：{error}", soft_wrap=True, markup=False)
        raise typer.Exit(1) from error


def _named(console: Console, name: str, packs: dict[str, Pack]) -> Pack:
    """A pack by name, or the draft in a file."""
    if name in packs:
        return packs[name]
    path = Path(name)
    if path.is_file():
        pack, faults = _examine(path, packs)
        if pack:
            return pack
        console.print(_faults(f"{path.name} 有 {len(faults)} 处错误", faults))
        raise typer.Exit(1)
    console.print(f"没有名为 {name} 的政策包；现有：{'、'.join(packs)}")
    raise typer.Exit(2)


def _examine(path: Path, packs: dict[str, Pack]) -> tuple[Pack | None, list[PackError]]:
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None, [PackError("不是 UTF-8 编码的文本", file=str(path), line=1)]
    return examine_pack(text, file=str(path), parents=packs)


def _check_drafts(console: Console, files: Sequence[Path], packs: dict[str, Pack], on: date | None) -> bool:
    """Each draft after the ones before it, so that drafts may inherit from one another."""
    sound = True
    for path in files:
        pack, faults = _examine(path, packs)
        if pack:
            packs = packs | {pack.name: pack}
            day = on or max(_today(), pack.source.since)
            errors = check({pack.name: pack}, declared_sections(), day).errors[pack.name]
            faults = list({(fault.line, fault.parameter): fault for fault in errors}.values())
        if faults:
            sound = False
            console.print(_faults(f"{path.name} 有 {len(faults)} 处错误", faults))
        elif pack:
            own = sum(any(value.pack == pack.name for value in each.values) for each in pack.parameters.values())
            console.print(f"{path.name} 通过：{pack.title}（{pack.source.number}），本级规定 {own} 项", soft_wrap=True)
    return sound


def _import_services() -> None:
    """Imports every module of the services: importing declares the sections they read."""
    for service in _SERVICES:
        package = importlib.import_module(f"wurao.{service}")
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not {"__main__", "migrations"} & set(module.name.split(".")):
                importlib.import_module(module.name)


def _tell(console: Console, packs: dict[str, Pack], report: Report, day: date) -> bool:
    console.print(_overview(packs, report, day))
    faults = [error for errors in report.errors.values() for error in errors]
    if faults:
        console.print(_faults("错误", faults))
    if report.unread:
        console.print(f"提示：{len(report.unread)} 个参数尚无服务读取，--unread 逐项列出", soft_wrap=True)
    return report.sound


def _overview(packs: dict[str, Pack], report: Report, day: date) -> Table:
    table = Table(title=f"政策包检查（{day}）")
    for heading in ("政策包", "名称与文号", "区划", "参数", "本级规定", "平台定值", "结果"):
        table.add_column(heading, overflow="fold")
    for name, pack in packs.items():
        found = [parameter.at(day) for parameter in pack.parameters.values()]
        own = [value for value in found if value and value.pack == name]
        set_here = sum(value.origin == "operational" for value in own)
        result = f"[red]{len(report.errors[name])} 处错误[/]" if report.errors[name] else "[green]通过[/]"
        counts = (str(sum(value is not None for value in found)), str(len(own)), str(set_here))
        table.add_row(name, f"{pack.title}\n[dim]{pack.source.number}[/]", pack.area, *counts, result)
    return table


def _unread(packs: dict[str, Pack], names: Sequence[str]) -> Table:
    table = Table(title="尚无服务读取的参数")
    for heading in ("参数", "名称", "规定它的政策包"):
        table.add_column(heading, overflow="fold")
    for name in names:
        having = [pack for pack in packs.values() if name in pack.parameters]
        own = [pack.title for pack in having if any(value.pack == pack.name for value in pack.parameters[name].values)]
        table.add_row(name, having[0].parameters[name].label, "、".join(own))
    return table


def _faults(title: str, faults: Sequence[PackError]) -> Table:
    table = Table(title=title, show_lines=True)
    for heading in ("位置", "参数", "问题", "读取的服务"):
        table.add_column(heading, overflow="fold")
    for fault in faults:
        name = fault.parameter or ""
        table.add_row(f"{fault.file}:{fault.line}", name, escape(fault.message), readers_of(name))
    return table


def _print(console: Console, found: Comparison) -> None:
    console.print(f"[bold]{escape(found.title)}[/]\n", soft_wrap=True)
    for heading, lines in found.topics():
        table = Table(title=f"【{heading}】", title_justify="left", title_style="bold", show_lines=True, expand=True)
        table.add_column("规定", overflow="fold", ratio=2)
        for side in found.sides:
            table.add_column(side, overflow="fold", ratio=4)
        for line in lines:
            table.add_row(escape(line.label), _side(line.a, line.a_source), _side(line.b, line.b_source))
        console.print(table)
        console.print()


def _side(words: str, origin: str) -> str:
    return f"{escape(words)}\n[dim]{escape(origin)}[/]" if origin else escape(words)
