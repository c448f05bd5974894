"""The packs that come with the platform, read from package data."""

from functools import cache
from importlib.resources import files

from wurao.common.packs.errors import PackError
from wurao.common.packs.pack import Pack
from wurao.common.packs.parse import parse_packs


def load_packs() -> dict[str, Pack]:
    """Every shipped pack by name. Raises PackError when one is wrong."""
    return dict(_shipped())


def load_pack(name: str) -> Pack:
    """One shipped pack. Raises PackError when there is none of that name."""
    packs = _shipped()
    if name not in packs:
        raise PackError(f"没有名为 {name} 的政策包", file=f"{name}.yaml", line=0)
    return packs[name]


@cache
def _shipped() -> dict[str, Pack]:
    found = sorted((item for item in files(__package__).iterdir() if item.name.endswith(".yaml")), key=lambda i: i.name)
    return parse_packs({item.name: item.read_text(encoding="utf-8") for item in found})
