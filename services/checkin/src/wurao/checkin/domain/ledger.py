"""The ledger's Merkle tree (RFC 9162 §2.1): hashes, proofs and their verification, pure.

The tree keeps the hash of every perfect subtree under its coordinate (level, index): level 0 are the leaves,
node (l, i) covers the leaves from i·2^l up to (i+1)·2^l. Appending adds each node once and never changes one;
a root or proof of any size reads at most O(log² n) of them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256

Coordinate = tuple[int, int]
Span = tuple[int, int]
Nodes = Mapping[Coordinate, bytes]

EMPTY_ROOT = sha256().digest()


def leaf_hash(entry: bytes) -> bytes:
    """Hash of a leaf (RFC 9162 §2.1.1)."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node."""
    return sha256(b"\x01" + left + right).digest()


def cover(span: Span) -> list[Coordinate]:
    """The perfect subtrees that make up the leaves of an aligned span, from left to right, each smaller."""
    begin, end = span
    found = []
    while begin < end:
        level = (end - begin).bit_length() - 1
        found.append((level, begin >> level))
        begin += 1 << level
    return found


def subtree(nodes: Nodes, span: Span) -> bytes:
    """The Merkle tree hash of an aligned span. KeyError for a node that is not given."""
    hashes = [nodes[coordinate] for coordinate in cover(span)]
    found = hashes.pop()
    while hashes:
        found = node_hash(hashes.pop(), found)
    return found


def root(nodes: Nodes, size: int) -> bytes:
    """The Merkle tree hash of the first `size` leaves."""
    return subtree(nodes, (0, size)) if size else EMPTY_ROOT


def grow(nodes: Nodes, size: int, leaves: Iterable[bytes]) -> dict[Coordinate, bytes]:
    """The nodes that appending leaf hashes adds; `nodes` holds at least `cover((0, size))`."""
    added: dict[Coordinate, bytes] = {}
    for index, found in enumerate(leaves, start=size):
        level = 0
        added[level, index] = found
        while index & 1:
            left = (level, index - 1)
            found = node_hash(added.get(left) or nodes[left], found)
            level, index = level + 1, index >> 1
            added[level, index] = found
    return added


def inclusion_spans(index: int, size: int) -> list[Span]:
    """Spans whose hashes prove that leaf `index` is in the tree of `size` leaves (RFC 9162 §2.1.3.1)."""

    def path(index: int, begin: int, end: int) -> Iterator[Span]:
        if end - begin == 1:
            return
        middle = begin + _split(end - begin)
        if index < middle:
            yield from path(index, begin, middle)
            yield middle, end
        else:
            yield from path(index, middle, end)
            yield begin, middle

    if not 0 <= index < size:
        raise ValueError("no such leaf in a tree of this size")
    return list(path(index, 0, size))


def consistency_spans(first: int, second: int) -> list[Span]:
    """Spans whose hashes prove that the first tree is the beginning of the second (RFC 9162 §2.1.4.1)."""

    def proof(first: int, begin: int, end: int, whole: bool) -> Iterator[Span]:
        size = end - begin
        if first == size:
            if not whole:
                yield begin, end
            return
        middle = _split(size)
        if first <= middle:
            yield from proof(first, begin, begin + middle, whole)
            yield begin + middle, end
        else:
            yield from proof(first - middle, begin + middle, end, False)
            yield begin, begin + middle

    if not 0 < first <= second:
        raise ValueError("a consistency proof leads from a tree that is not empty to one not smaller")
    return list(proof(first, 0, second, True))


def needed(spans: Iterable[Span]) -> set[Coordinate]:
    """The nodes from which the hashes of the spans follow."""
    return {coordinate for span in spans for coordinate in cover(span)}


def hashes(nodes: Nodes, spans: Sequence[Span]) -> list[bytes]:
    """The hashes of the spans, in their order: a proof."""
    return [subtree(nodes, span) for span in spans]


def includes(leaf: bytes, index: int, size: int, proof: Sequence[bytes], expected: bytes) -> bool:
    """Verify an inclusion proof (RFC 9162 §2.1.3.2)."""
    if not 0 <= index < size:
        return False
    position, last, found = index, size - 1, leaf
    for step in proof:
        if last == 0:
            return False
        if position & 1 or position == last:
            found = node_hash(step, found)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            found = node_hash(found, step)
        position, last = position >> 1, last >> 1
    return last == 0 and found == expected


def extends(first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]) -> bool:
    """Verify a consistency proof (RFC 9162 §2.1.4.2)."""
    if first == second:
        return not proof and first_root == second_root
    if not 0 < first < second or not proof:
        return False
    steps = list(proof) if first & (first - 1) else [first_root, *proof]
    position, last = first - 1, second - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    old = new = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            old, new = node_hash(step, old), node_hash(step, new)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            new = node_hash(new, step)
        position, last = position >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root


def _split(size: int) -> int:
    """The largest power of two smaller than `size`."""
    return 1 << ((size - 1).bit_length() - 1)
