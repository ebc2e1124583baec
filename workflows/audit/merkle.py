"""Merkle trees (as RFC 6962 has them): one digest for many things, and a short proof that something is among them."""

import hashlib
from collections.abc import Sequence
from typing import Any

from workflows.canonical import canonical

# The digests on the way from a leaf to the root, each with the side on which it stands.
Proof = list[tuple[str, str]]


def leaf(data: Any) -> str:
    """The digest of one thing."""
    return hashlib.sha256(b"\0" + canonical(data)).hexdigest()


def root(leaves: Sequence[str]) -> str:
    """The digest of all of them, in this order; of nothing, that of an empty text."""
    return _levels(leaves)[-1][0] if leaves else hashlib.sha256(b"").hexdigest()


def proof(leaves: Sequence[str], index: int) -> Proof:
    """What leads from one of them to the root."""
    way: Proof = []
    for level in _levels(leaves)[:-1]:
        beside = index ^ 1
        if beside < len(level):
            way.append(("left" if beside < index else "right", level[beside]))
        index //= 2
    return way


def climbed(leaf: str, way: Proof) -> str:
    """The root to which a proof leads from a leaf."""
    for side, digest in way:
        leaf = _node(digest, leaf) if side == "left" else _node(leaf, digest)
    return leaf


def _levels(leaves: Sequence[str]) -> list[list[str]]:
    """The tree from its leaves up; what has nobody beside it goes up as it is."""
    levels = [list(leaves)]
    while len(levels[-1]) > 1:
        below = levels[-1]
        pairs = [_node(*below[at : at + 2]) for at in range(0, len(below) - 1, 2)]
        levels.append(pairs + below[len(below) - len(below) % 2 :])
    return levels


def _node(left: str, right: str) -> str:
    return hashlib.sha256(b"\1" + bytes.fromhex(left) + bytes.fromhex(right)).hexdigest()
