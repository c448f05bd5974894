"""Random streams that depend on nothing but the seed, the kind of entity and an index."""

from collections.abc import Sequence
from hashlib import sha256
from itertools import chain, repeat
from random import Random
from typing import TypeVar

T = TypeVar("T")


def stream(seed: int, kind: str, index: int = 0) -> Random:
    """A generator of its own for one entity or one block of entities."""
    digest = sha256(f"{seed}/{kind}/{index}".encode()).digest()
    return Random(int.from_bytes(digest))  # noqa: S311 - sample data, nothing secret


def slots(weighted: Sequence[tuple[T, float]], size: int) -> list[T]:
    """A table of `size` places in which each value fills its share, so that a draw is one index."""
    total = sum(weight for _, weight in weighted)
    bounds, reached = [0], 0.0
    for _, weight in weighted:
        reached += weight
        bounds.append(round(reached * size / total))
    spans = (repeat(value, bounds[i + 1] - bounds[i]) for i, (value, _) in enumerate(weighted))
    return list(chain.from_iterable(spans))
