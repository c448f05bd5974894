"""The Merkle tree against the definitions of RFC 9162, by brute force and by chance."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wurao.checkin.domain import ledger as tree

LEAVES = [tree.leaf_hash(bytes([n])) for n in range(70)]
sizes = st.integers(1, len(LEAVES))


def defined_root(leaves: list[bytes]) -> bytes:
    """RFC 9162 §2.1.1, word by word."""
    if not leaves:
        return sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return tree.node_hash(defined_root(leaves[:k]), defined_root(leaves[k:]))


NODES = tree.grow({}, 0, LEAVES)


def test_leaves_and_nodes_are_told_apart() -> None:
    """Leaf and node hashes carry their own prefix; the empty tree has the hash of nothing."""
    assert tree.leaf_hash(b"") == sha256(b"\0").digest()
    assert tree.node_hash(b"l", b"r") == sha256(b"\1lr").digest()
    assert tree.root({}, 0).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@given(sizes)
def test_root_is_the_defined_one(size: int) -> None:
    """The root from stored subtrees is the RFC's, for every size from the same nodes."""
    assert tree.root(NODES, size) == defined_root(LEAVES[:size])


@given(st.lists(st.integers(1, 9), min_size=1, max_size=7))
def test_growth_does_not_depend_on_batches(batches: list[int]) -> None:
    """Sealed in any batches, reading only the frontier, the same nodes arise."""
    nodes: dict[tree.Coordinate, bytes] = {}
    size = 0
    for batch in batches:
        frontier = {coordinate: nodes[coordinate] for coordinate in tree.cover((0, size))}
        added = tree.grow(frontier, size, LEAVES[size : size + batch])
        assert not nodes.keys() & added.keys()
        nodes |= added
        size += batch
    assert nodes == tree.grow({}, 0, LEAVES[:size])


@given(sizes.flatmap(lambda size: st.tuples(st.integers(0, size - 1), st.just(size))))
def test_inclusion_is_proved(place: tuple[int, int]) -> None:
    """Each leaf's proof verifies at its place and nowhere else, and for no other leaf or root."""
    index, size = place
    proof = tree.hashes(NODES, tree.inclusion_spans(index, size))
    root = tree.root(NODES, size)
    assert len(proof) <= size.bit_length()
    assert tree.includes(LEAVES[index], index, size, proof, root)
    assert not tree.includes(tree.leaf_hash(b"forged"), index, size, proof, root)
    assert not tree.includes(LEAVES[index], index, size, proof, tree.leaf_hash(b"other root"))
    assert not tree.includes(LEAVES[index], index, size, [*proof, root], root)
    assert not proof or not tree.includes(LEAVES[index], index, size, proof[:-1], root)
    assert not tree.includes(LEAVES[index], size, size, proof, root)


@given(sizes.flatmap(lambda second: st.tuples(st.integers(1, second), st.just(second))))
def test_consistency_is_proved(pair: tuple[int, int]) -> None:
    """An earlier head is proved to begin the later one; a head of other leaves is not."""
    first, second = pair
    proof = tree.hashes(NODES, tree.consistency_spans(first, second))
    before, after = tree.root(NODES, first), tree.root(NODES, second)
    assert tree.extends(first, second, before, after, proof)
    rewritten = defined_root([tree.leaf_hash(b"rewritten"), *LEAVES[1:first]])
    assert not tree.extends(first, second, rewritten, after, proof)
    assert not tree.extends(first, second, before, rewritten, proof)
    assert not tree.extends(first, second, before, after, [*proof, before])
    if first != second:
        assert not tree.extends(first, second, before, after, [])


@given(sizes.flatmap(lambda second: st.tuples(st.integers(1, second), st.just(second))))
def test_proofs_read_few_nodes(pair: tuple[int, int]) -> None:
    """A proof needs at most the square of the tree's depth in nodes, never the leaves one by one."""
    first, second = pair
    depth = second.bit_length()
    assert len(tree.needed(tree.consistency_spans(first, second))) <= depth * depth + 1
    assert len(tree.needed(tree.inclusion_spans(first - 1, second))) <= depth * depth + 1


def test_impossible_proofs_are_refused() -> None:
    """No proof of a leaf outside the tree, none from the empty or from a later tree."""
    for index, size in ((3, 3), (-1, 3)):
        with pytest.raises(ValueError, match="no such leaf"):
            tree.inclusion_spans(index, size)
    for first, second in ((0, 3), (4, 3)):
        with pytest.raises(ValueError, match="consistency"):
            tree.consistency_spans(first, second)
