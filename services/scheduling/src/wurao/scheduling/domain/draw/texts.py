"""What ids and names in the files of a draw may look like, and what is wrong with a file."""

import re
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

ID = re.compile(r"[0-9A-Za-z_.:-]{1,64}")
NAME = re.compile(r"[^\s,|\"'\\\x00-\x1f\x7f]{1,64}")
"""A stratum or a line of administration: no blanks, commas, bars, quotes or control characters."""

SHOWN = 20
"""Faults of one file that are told at once."""


class Fault(NamedTuple):
    """What is wrong with a file; `row` counts from the header as 1, `column` is a name; 0 and empty mean all of it."""

    file: str
    row: int
    column: str
    message: str

    def __str__(self) -> str:
        """The place and the fault, as a person reads it."""
        place = "".join((f" 第{self.row}行" if self.row else "", f" {self.column}" if self.column else ""))
        return f"{self.file}{place}：{self.message}"


class BadFile(Exception):
    """Input that cannot be drawn from; `faults` say where and why."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("；".join(map(str, self.faults[:SHOWN])))


def is_gbk(raw: bytes) -> bool:
    """Tell whether a file is GBK although it would pass for UTF-8, as short Chinese words may.

    In UTF-8 a Chinese character has a byte from 0xE0 on; without any, text that is not ASCII is GBK when it can be.
    """
    if raw.isascii() or int(np.frombuffer(raw, np.uint8).max()) >= 0xE0:
        return False
    try:
        raw.decode("gb18030")
    except UnicodeDecodeError:
        return False
    return True


def shown(text: str) -> str:
    """A value in a message: short, and on one line."""
    flat = "".join(sign if sign.isprintable() else "?" for sign in text)
    return flat if len(flat) <= 40 else f"{flat[:40]}…"
