"""Ids as they lie in a file: one buffer of bytes, and where each begins and how long it is."""

from collections.abc import Iterable
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Indices = NDArray[np.int64]


class Texts(NamedTuple):
    """Texts in UTF-8; `at` and `size` (bytes) tell where each lies in `buffer`."""

    buffer: Bytes
    at: Indices
    size: Indices

    @classmethod
    def of(cls, texts: Iterable[str]) -> Self:
        """These texts, one behind the other."""
        encoded = [text.encode() for text in texts]
        size = np.array([len(each) for each in encoded], np.int64)
        return cls(np.frombuffer(b"".join(encoded), np.uint8), np.cumsum(size) - size, size)

    def text(self, position: int) -> str:
        """One of the texts."""
        at = int(self.at[position])
        return self.buffer[at : at + int(self.size[position])].tobytes().decode()

    def texts(self) -> list[str]:
        """All of them."""
        return [self.text(position) for position in range(self.at.size)]


def comes_before(texts: Texts, one: int, other: int) -> bool:
    """Tell whether a text comes before another, byte by byte (which for UTF-8 is by code point)."""
    ones, others = texts.at[one], texts.at[other]
    for step in range(min(texts.size[one], texts.size[other])):
        if texts.buffer[ones + step] != texts.buffer[others + step]:
            return bool(texts.buffer[ones + step] < texts.buffer[others + step])
    return bool(texts.size[one] < texts.size[other])
