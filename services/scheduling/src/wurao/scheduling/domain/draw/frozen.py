"""What freezes a file: its SHA-256, and those of up to a thousand blocks of its lines, which tell where it changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise

import numpy as np

BLOCKS = 1000


@dataclass(frozen=True, slots=True)
class Frozen:
    """A file's digests (hex): of all its bytes, and of each block of `lines` lines, the last perhaps shorter."""

    size: int
    sha256: str
    lines: int
    blocks: tuple[str, ...]


def freeze(raw: bytes, lines: int | None = None) -> Frozen:
    """Digest a file; by default in the fewest lines per block that make at most a thousand blocks."""
    ends = np.flatnonzero(np.frombuffer(raw, np.uint8) == ord("\n")) + 1
    if not len(ends) or ends[-1] != len(raw):
        ends = np.append(ends, len(raw))
    lines = lines or max(1, -(-len(ends) // BLOCKS))
    cuts = [0, *ends[lines - 1 :: lines].tolist()]
    if cuts[-1] != len(raw):
        cuts.append(len(raw))
    view = memoryview(raw)
    blocks = tuple(sha256(view[start:end]).hexdigest() for start, end in pairwise(cuts))
    return Frozen(len(raw), sha256(raw).hexdigest(), lines, blocks)


def changed(raw: bytes, recorded_sha256: str, lines: int, blocks: Sequence[str]) -> str | None:
    """Where a file differs from what was recorded of it, in Chinese; None when it is the file that was frozen.

    A file that agrees with its digest, or in all of its blocks, is that file: then the record was changed.
    """
    if sha256(raw).hexdigest() == recorded_sha256:
        return None
    found = freeze(raw, lines).blocks
    if found == tuple(blocks):
        return None
    at = next((n for n, pair in enumerate(zip(found, blocks, strict=False)) if pair[0] != pair[1]), None)
    if at is None:
        more = len(found) > len(blocks)
        return f"第{min(len(found), len(blocks)) * lines + 1}行起" + ("多出内容" if more else "缺少内容")
    first = at * lines + 1
    return f"第{first}行" if lines == 1 else f"第{first}至{first + lines - 1}行之间"
