"""The packs that come with the platform, read from package data, and those of the folder in `WURAO_PACKS`."""

import os
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from wurao.common.packs.errors import PackError
from wurao.common.packs.pack import Pack
from wurao.common.packs.parse import parse_packs


def load_packs() -> dict[str, Pack]:
    """Every pack by name. Raises PackError when one is wrong."""
    return dict(_shipped(os.environ.get("WURAO_PACKS", "")))


def load_pack(name: str) -> Pack:
    """One pack. Raises PackError when there is none of that name."""
    packs = load_packs()
    if name not in packs:
        raise PackError(f"没有名为 {name} 的政策包", file=f"{name}.yaml", line=0)
    return packs[name]


@cache
def _shipped(folder: str) -> dict[str, Pack]:
    found = {item.name: item for item in (*_yamls(files(__package__)), *_yamls(Path(folder) if folder else None))}
    return parse_packs({name: found[name].read_text(encoding="utf-8") for name in sorted(found)})


def _yamls(folder: Traversable | None) -> Iterator[Traversable]:
    """YAML files of a folder; one of the same name in a later folder takes the place of an earlier one."""
    return (item for item in folder.iterdir() if item.name.endswith(".yaml")) if folder else iter(())
