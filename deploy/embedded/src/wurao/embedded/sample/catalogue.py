"""Reads the YAML catalogues and writes article numbers the way Chinese statutes do."""

from functools import cache
from importlib.resources import files
from typing import Any

import yaml

_DIGITS = "零一二三四五六七八九"


@cache
def load(name: str) -> Any:
    """The parsed catalogue ``data/<name>.yaml``; callers must not change it."""
    text = files("wurao.embedded.sample").joinpath("data", f"{name}.yaml").read_text("utf-8")
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe


def article(number: int) -> str:
    """第…条 for an article number from 1 to 999, e.g. 110 -> 第一百一十条."""
    if not 1 <= number <= 999:
        raise ValueError(f"no article {number}")
    hundreds, rest = divmod(number, 100)
    tens, units = divmod(rest, 10)
    text = f"{_DIGITS[hundreds]}百" if hundreds else ""
    if tens:
        text += "十" if tens == 1 and not hundreds else f"{_DIGITS[tens]}十"
    elif hundreds and units:
        text += "零"
    return f"第{text}{_DIGITS[units] if units else ''}条"
