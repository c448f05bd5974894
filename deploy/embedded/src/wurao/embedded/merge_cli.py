"""`wurao merge`: merge tasks into as few visits as can be, from files alone (docs/merge.md)."""

import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from wurao.common.workdays import WorkCalendar
from wurao.embedded.wholefiles import read_whole, why, write_whole
from wurao.scheduling.domain.draw import BadFile, Fault
from wurao.scheduling.domain.merge import Limits, Outcome, plan, sheets

console, errors = Console(), Console(stderr=True)

Report = dict[str, int | float]


def merge(
    tasks: Annotated[Path, typer.Argument(metavar="tasks.csv", help="任务：" + ", ".join(sheets.TASKS))],
    capacity: Annotated[
        Path | None, typer.Argument(metavar="capacity.csv", help="人力：" + ", ".join(sheets.CAPACITY) + "；不给则不限")
    ] = None,
    *,
    max_agencies: Annotated[int, typer.Option(help="一次检查最多几个机关", min=1, max=1000)] = 4,
    max_minutes: Annotated[int, typer.Option(help="一次检查最多几分钟", min=1, max=100_000)] = 240,
    max_officers: Annotated[int, typer.Option(help="一次检查最多几名执法人员", min=1, max=10_000)] = 8,
    previous: Annotated[
        Path | None, typer.Option(metavar="visits.csv", help="此前的合并结果：尽量不改变其中的日期")
    ] = None,
    out: Annotated[Path, typer.Option(metavar="DIR", help="结果文件夹")] = Path("merged"),
) -> None:
    """综合查一次：把任务合并成尽量少的入企检查，附不能更少的证明；输入有误时不写任何文件，以 2 结束。"""
    limits = Limits(max_agencies, max_minutes, max_officers)
    try:
        with console.status("合并") as status:
            report = merge_files(tasks, capacity, limits, out, previous, status.update)
    except BadFile as error:
        for fault in error.faults:
            errors.print(escape(str(fault)), style="red", soft_wrap=True)
        raise typer.Exit(2) from error
    console.print(_table(report))
    console.print(f"结果写入 {escape(str(out))}", soft_wrap=True)


def merge_files(
    tasks: Path,
    capacity: Path | None,
    limits: Limits,
    out: Path,
    previous: Path | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Report:
    """Merge the tasks of a file and write all results or none; what report.json says. Raises BadFile."""
    began = time.perf_counter()
    tell("读取任务")
    work, calendar, room = sheets.read(_file(tasks), _file(capacity) if capacity else None, WorkCalendar())
    if previous is not None:
        sheets.read_previous(_file(previous), work, calendar)
    tell(f"合并 {work.rows.size:,} 项任务")
    outcome = plan(work, len(calendar.workdays), limits, room)
    tell("写出结果")
    visits, unserved = sheets.visits_csv(outcome, calendar), sheets.unserved_csv(outcome)
    report = _report(outcome, moved=previous is not None)
    with _together(out, ("visits.csv", "unserved.csv", "report.json")) as beside:
        write_whole(beside / "visits.csv", visits.begins, visits.make)
        (beside / "unserved.csv").write_bytes(unserved)
        report["seconds"] = round(time.perf_counter() - began, 3)
        (beside / "report.json").write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return report


def _file(path: Path) -> sheets.File:
    """A file's content. Raises BadFile where it cannot be read."""
    try:
        return sheets.File(str(path), read_whole(path))
    except OSError as error:
        raise BadFile([Fault(str(path), 0, "", f"不能读取（{why(error)}）")]) from error


def _report(outcome: Outcome, *, moved: bool) -> Report:
    tasks, visits, bound = outcome.tasks, outcome.visits, outcome.lower_bound
    return {
        "tasks": tasks,
        "visits": visits,
        "visits_unmerged": tasks - outcome.unserved,
        "lower_bound": bound,
        "gap": round((visits - bound) / bound, 6) if bound else 0.0,
        "unserved": outcome.unserved,
        **({"moved": outcome.moved} if moved else {}),
    }


@contextmanager
def _together(folder: Path, names: Sequence[str]) -> Iterator[Path]:
    """A folder in which to write files; when all are written, they take their places, otherwise none does.

    Raises BadFile where they cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if occupied := [name for name in names if (folder / name).is_dir()]:
            raise BadFile(Fault(str(folder / name), 0, "", "不能写入（这是文件夹）") for name in occupied)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".merge-") as beside:
            yield Path(beside)
            for name in names:
                os.replace(Path(beside, name), folder / name)
    except OSError as error:
        raise BadFile([Fault(str(folder), 0, "", f"不能写入（{why(error)}）")]) from error


def _table(report: Report) -> Table:
    table = Table(title="综合查一次", title_justify="left", show_header=False)
    saved = report["visits_unmerged"] - report["visits"]
    share = f"，{saved / report['visits_unmerged']:.0%}" if report["visits_unmerged"] else ""
    rows = [
        ("任务", f"{report['tasks']:,}"),
        ("入企检查", f"{report['visits']:,}（不合并需 {report['visits_unmerged']:,} 次，少打扰 {saved:,} 次{share}）"),
        ("不能少于", f"{report['lower_bound']:,}（差距 {report['gap']:.3%}）"),
        ("未能安排", f"{report['unserved']:,}"),
        *([("改变日期的检查", f"{report['moved']:,}")] if "moved" in report else []),
        ("用时", f"{report['seconds']:.2f} 秒"),
    ]
    for name, value in rows:
        table.add_row(name, value)
    return table
