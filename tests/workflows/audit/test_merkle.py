"""A proof leads from each leaf to the root, and from nothing else."""

import pytest

from workflows.audit import merkle


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 7, 8, 13])
def test_each_leaf_is_proven(count: int) -> None:
    leaves = [merkle.leaf({"number": number}) for number in range(count)]
    root = merkle.root(leaves)

    for index, leaf in enumerate(leaves):
        assert merkle.climbed(leaf, merkle.proof(leaves, index)) == root


def test_what_is_not_in_it_is_not_proven() -> None:
    leaves = [merkle.leaf(number) for number in range(5)]

    assert merkle.climbed(merkle.leaf(7), merkle.proof(leaves, 2)) != merkle.root(leaves)


def test_a_node_is_no_leaf() -> None:
    leaves = [merkle.leaf(number) for number in range(4)]
    nodes = [merkle.root(leaves[:2]), merkle.root(leaves[2:])]

    assert merkle.root(nodes) == merkle.root(leaves)
    assert merkle.leaf([leaves[0], leaves[1]]) not in nodes


def test_the_order_counts() -> None:
    leaves = [merkle.leaf(number) for number in range(3)]

    assert merkle.root(leaves) != merkle.root(leaves[::-1])


def test_the_root_of_nothing_is_the_digest_of_nothing() -> None:
    assert merkle.root([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
