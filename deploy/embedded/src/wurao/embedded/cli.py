"""The `wurao` command. What starts services is imported when it is asked for: tools over files start at once."""

import asyncio
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from wurao.embedded import draw_cli, merge_cli, packs_cli
from wurao.embedded.counties import PACKS
from wurao.embedded.sample.command import sample

if TYPE_CHECKING:
    from wurao.embedded import production

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="无扰：规范涉企行政执法的平台"
)
docs_app = typer.Typer(no_args_is_help=True, help="由代码生成的文档")
app.add_typer(packs_cli.app, name="pack", help="政策包：检查与对照")
app.add_typer(draw_cli.app, name="draw", help="双随机抽取：抽取与重放核验")
app.add_typer(docs_app, name="docs")
app.command()(sample)
app.command()(merge_cli.merge)

console = Console()
Pack = Annotated[str, typer.Option(help="政策包：" + "、".join(PACKS))]
Port = Annotated[int, typer.Option(help="本机端口；0 为任选", min=0, max=65535)]


def data_folder() -> Path:
    """The one folder that holds all data (`WURAO_DATA`, else `.wurao`)."""
    return Path(os.environ.get("WURAO_DATA", ".wurao")).resolve()


def _known(pack: str) -> str:
    if pack not in PACKS:
        console.print(f"没有政策包 {pack}；可选：{'、'.join(PACKS)}", style="red")
        raise typer.Exit(2)
    return pack


@contextmanager
def _told() -> Iterator[None]:
    """Turn what can go wrong with a platform into a line on the terminal and exit status 1."""
    from wurao.embedded.demo.client import StepFailed
    from wurao.embedded.platform import FolderInUse
    from wurao.local.processes import StartFailed
    from wurao.local.servers import Unavailable

    try:
        yield
    except (StepFailed, FolderInUse, StartFailed, Unavailable, OSError) as error:
        console.print(f"未完成：{error}", style="bold red")
        raise typer.Exit(1) from error


@app.command()
def run(pack: Pack = "quzhou", port: Port = 8000) -> None:
    """启动内嵌平台，演一个季度，然后持续服务（Ctrl-C 结束）。"""
    from wurao.embedded.demo.command import play_embedded

    try:
        with _told():
            asyncio.run(play_embedded(data_folder() / f"run-{_known(pack)}", pack, port, keep=True))
    except KeyboardInterrupt:
        console.print("已停止")


@app.command()
def demo(pack: Pack = "quzhou", port: Port = 0) -> None:
    """用一个政策包演一个季度；每一步都成立时以 0 结束。"""
    from wurao.embedded.demo.command import play_embedded

    folder = data_folder() / f"demo-{_known(pack)}"
    shutil.rmtree(folder, ignore_errors=True)
    with _told():
        asyncio.run(play_embedded(folder, pack, port, keep=False))


@app.command()
def up(pack: Pack = "quzhou", port: Port = 8000) -> None:
    """在本机以 PostgreSQL、Kafka 和五个进程启动，演同一个季度。"""
    from wurao.embedded import production
    from wurao.embedded.demo.command import play_production

    folder = production.Folder(data_folder() / f"production-{_known(pack)}")
    for other in _productions():
        if other != folder:
            production.down(other)
    with _told(), production.taken_down_on_failure(folder):
        asyncio.run(play_production(folder, pack, port))
    console.print("五个服务仍在运行；[bold]make down[/bold] 停止。")


@app.command()
def down() -> None:
    """停止 up 启动的进程。"""
    from wurao.embedded import production

    for folder in _productions():
        for name in production.down(folder):
            console.print(f"{name} 未按时退出，已强制结束", style="yellow")


def _productions() -> "list[production.Folder]":
    """The local productions of this data folder, one for each pack that was started."""
    from wurao.embedded import production

    return [production.Folder(path) for path in sorted(data_folder().glob("production-*"))]


@docs_app.command("write")
def write_docs() -> None:
    """写出由代码生成的文档。"""
    from wurao.embedded import docs as documents

    for path in documents.write(Path.cwd()):
        console.print(f"写入 {path.relative_to(Path.cwd())}")


@docs_app.command("check")
def check_docs() -> None:
    """已提交的文档与代码不一致时以 1 结束。"""
    from wurao.embedded import docs as documents

    stale = documents.stale(Path.cwd())
    for path in stale:
        console.print(f"{path.relative_to(Path.cwd())} 与代码不一致；运行 make docs", style="red")
    sys.exit(1 if stale else 0)
