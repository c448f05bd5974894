"""`wurao draw`: hold a double-random draw, or replay one, from files alone (docs/draw.md)."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from wurao.embedded.wholefiles import why
from wurao.scheduling.domain import draw as rules
from wurao.scheduling.domain.draw import CONFLICTS, DRAW, FILES, OFFICERS, POOL, PREVIOUS, SPEC, BadFile, Fault

app = typer.Typer(help="双随机抽取：抽取与重放核验，只凭文件", no_args_is_help=True)

console, errors = Console(), Console(stderr=True)
Tick = Callable[[int], None]

PoolFile = Annotated[
    Path, typer.Argument(metavar=POOL, help="企业名单（enterprise_id, stratum）；或者放这些文件的文件夹")
]
OfficersFile = Annotated[
    Path | None, typer.Argument(metavar=OFFICERS, help="执法人员名单（officer_id, line, max_visits）")
]
ConflictsFile = Annotated[Path | None, typer.Argument(metavar=CONFLICTS, help="回避关系（enterprise_id, officer_id）")]
SpecFile = Annotated[Path | None, typer.Argument(metavar=SPEC, help="各层比例、每次人数、各层条线")]
PreviousFile = Annotated[
    Path | None, typer.Option("--previous", help="上次检查各企业的人员（enterprise_id, officer_id），本次不再派往")
]


@app.command()
def run(
    pool: PoolFile = Path(POOL),
    officers: OfficersFile = None,
    conflicts: ConflictsFile = None,
    spec: SpecFile = None,
    *,
    seed: Annotated[str, typer.Option(help="种子，1 至 256 位十六进制数")],
    out: Annotated[Path, typer.Option(help="结果文件")] = Path(DRAW),
    previous: PreviousFile = None,
    replace: Annotated[
        list[str] | None, typer.Option(metavar="企业=理由", help="抽中而不能检查的企业，由下一号递补；可多次")
    ] = None,
) -> None:
    """抽取，把结果写入 draw.json；输入有误时不写任何文件，以 2 结束。"""
    with _told():
        paths = _paths(pool, officers, conflicts, spec, previous)
        lower = rules.require_seed(seed)
        replacements = [_replacement(one) for one in replace or ()]
        inputs = rules.read(_contents(paths), _names(paths))
        with _bar(len(inputs.pool)) as tick:
            try:
                outcome = rules.hold(inputs, lower, replacements, tick)
            except rules.CannotReplace as error:
                raise BadFile([Fault("--replace", 0, "", error.message)]) from error
        _write(out, rules.write(outcome, inputs.frozen))
    console.print(_summary(outcome))
    _refusals(outcome)
    console.print(f"结果写入 {escape(str(out))}", soft_wrap=True)


@app.command()
def verify(
    pool: PoolFile = Path(POOL),
    officers: OfficersFile = None,
    conflicts: ConflictsFile = None,
    spec: SpecFile = None,
    draw: Annotated[Path | None, typer.Argument(metavar=DRAW, help="要核验的结果")] = None,
    *,
    named: Annotated[Path | None, typer.Option("--draw", "--out", help="要核验的结果，与最后一个参数相同")] = None,
    seed: Annotated[str | None, typer.Option(help="另行公布的种子；不给则取结果中的种子")] = None,
    previous: PreviousFile = None,
) -> None:
    """重放抽取并逐字节核对；有任何不符时指出位置，以 1 结束。"""
    with _told():
        paths = _paths(pool, officers, conflicts, spec, previous)
        claimed = draw or named or (pool / DRAW if pool.is_dir() else Path(DRAW))
        lower = None if seed is None else rules.require_seed(seed)
        contents = _contents({**paths, DRAW: claimed})
        raw = contents.pop(DRAW)
        with _bar(contents[POOL].count(b"\n")) as tick:
            verdict = rules.verify(contents, raw, seed=lower, names=_names({**paths, DRAW: claimed}), tick=tick)
    if verdict.outcome is not None and not verdict.faults:
        console.print(_summary(verdict.outcome))
        console.print("[green]核验通过[/]：种子、名单、中签、人员、递补逐一重放，与结果逐字节相同")
        return
    console.print(_faults("核验不通过", verdict.faults))
    for fault in verdict.faults:
        errors.print(escape(str(fault)), style="red", soft_wrap=True)
    raise typer.Exit(1)


@contextmanager
def _told() -> Iterator[None]:
    """Turn bad input into its faults on the terminal and exit status 2."""
    try:
        yield
    except BadFile as error:
        for fault in error.faults:
            errors.print(escape(str(fault)), style="red", soft_wrap=True)
        raise typer.Exit(2) from error


def _paths(
    pool: Path, officers: Path | None, conflicts: Path | None, spec: Path | None, previous: Path | None
) -> dict[str, Path]:
    """The input files by kind: those given, the others beside the pool."""
    folder, pool = (pool, pool / POOL) if pool.is_dir() else (pool.parent, pool)
    given = zip(FILES, (pool, officers, conflicts, spec), strict=True)
    paths = {kind: path or folder / kind for kind, path in given}
    return paths | ({PREVIOUS: previous} if previous else {})


def _names(paths: Mapping[str, Path]) -> dict[str, str]:
    return {kind: str(path) for kind, path in paths.items()}


def _contents(paths: Mapping[str, Path]) -> dict[str, bytes]:
    """The bytes of files by kind. Raises BadFile for those that cannot be read."""
    found, faults = {}, []
    for kind, path in paths.items():
        try:
            found[kind] = path.read_bytes()
        except OSError as error:
            faults.append(Fault(str(path), 0, "", f"不能读取（{why(error)}）"))
    if faults:
        raise BadFile(faults)
    return found


def _replacement(text: str) -> rules.Replacement:
    enterprise_id, _, reason = text.partition("=")
    rules.require_replacement(reason, "--replace")
    return rules.Replacement(enterprise_id.strip(), reason.strip())


def _write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all. Raises BadFile."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_bytes(content)
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise BadFile([Fault(str(path), 0, "", f"不能写入（{why(error)}）")]) from error


@contextmanager
def _bar(total: int) -> Iterator[Tick]:
    """A progress bar over the enterprises of the pool."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=errors, transient=True) as progress:
        task = progress.add_task("计算企业的号", total=total)
        yield lambda done: progress.update(task, advance=done)


def _summary(outcome: rules.Outcome) -> Table:
    drawn = [*outcome.drawn, *outcome.substitutes]
    people = {officer for one in drawn for officer in rules.sent_by(one.officers)}
    title = f"双随机抽取 {outcome.draw_id}".strip()
    table = Table(
        title=title, caption=f"抽中 {len(outcome.drawn):,}，递补 {len(outcome.substitutes):,}，人员 {len(people):,}"
    )
    table.add_column("层", overflow="fold")
    for heading in ("比例", "名单", "抽取"):
        table.add_column(heading, justify="right")
    table.add_column("最高中签号")
    for one in outcome.strata:
        table.add_row(escape(one.stratum), f"{one.ratio:%}", f"{one.size:,}", f"{one.quota:,}", (one.last or "")[:16])
    return table


def _refusals(outcome: rules.Outcome) -> None:
    """Say how many enterprises a line can send nobody to."""
    found: dict[str, int] = {}
    for one in (*outcome.drawn, *outcome.substitutes):
        for short in one.refused:
            found[short.line] = found.get(short.line, 0) + 1
    for line, count in sorted(found.items()):
        errors.print(f"条线“{escape(line)}”对 {count:,} 户派不出人员，原因记入结果", style="yellow", soft_wrap=True)


def _faults(title: str, faults: Sequence[Fault]) -> Table:
    table = Table(title=title, title_style="bold red", show_lines=True)
    for heading in ("文件", "位置", "问题"):
        table.add_column(heading, overflow="fold")
    for fault in faults:
        place = " ".join(part for part in (f"第{fault.row}行" if fault.row else "", fault.column) if part)
        table.add_row(escape(fault.file), escape(place), escape(fault.message))
    return table
