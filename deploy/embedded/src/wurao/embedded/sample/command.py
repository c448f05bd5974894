"""The command ``wurao sample``."""

from pathlib import Path
from time import perf_counter
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from wurao.embedded.sample.generator import Summary, generate


def sample(
    out: Annotated[Path, typer.Option(help="Folder for the CSV files.")],
    enterprises: Annotated[int, typer.Option(min=0, help="How many enterprises.")] = 3000,
    seed: Annotated[int, typer.Option(help="Equal seeds give equal files.")] = 2026,
    area: Annotated[str, typer.Option(help="County code, 6 digits (GB/T 2260).")] = "330802",
    agencies: Annotated[int, typer.Option(help="How many agencies, of three levels and townships.")] = 40,
    officers: Annotated[int, typer.Option(help="How many officers.")] = 400,
    items: Annotated[int, typer.Option(help="How many inspection items.")] = 300,
) -> None:
    """Write a sample county as CSV files, ready for import."""
    console = Console()
    started = perf_counter()
    with _progress(console) as bar:
        task = bar.add_task("enterprises", total=enterprises)
        try:
            summary = generate(
                out,
                enterprises=enterprises,
                seed=seed,
                area=area,
                agencies=agencies,
                officers=officers,
                items=items,
                progress=lambda done: bar.update(task, completed=done),
            )
        except ValueError as error:
            raise typer.BadParameter(str(error)) from error
    console.print(_files(summary, out), _sections(summary))
    console.print(f"{perf_counter() - started:.1f} s")


def _progress(console: Console) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console)


def _files(summary: Summary, out: Path) -> Table:
    table = Table(title=f"Sample county {summary.area}, seed {summary.seed}")
    table.add_column("file")
    table.add_column("rows", justify="right")
    for name, count in summary.rows.items():
        table.add_row(str(out / f"{name}.csv"), f"{count:,}")
    return table


def _sections(summary: Summary) -> Table:
    table = Table(title="Enterprises by GB/T 4754 section")
    table.add_column("section")
    table.add_column("share", justify="right")
    for section in sorted(summary.sections, key=summary.share, reverse=True):
        table.add_row(section, f"{summary.share(section):.1%}")
    return table
