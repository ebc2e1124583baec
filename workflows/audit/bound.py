"""Bound: a decision is about what will be passed on, under the policy that it was asked under (decision 11).

Who decides does so for the digest of both. The engine makes the first half anew of what it is about to pass on; the
store compares the second.
"""

from typing import Any

from workflows.canonical import digest
from workflows.engine.needs import Ask


def bound(ask: Ask, policy: dict[str, Any]) -> str:
    """The digest of a question and of the policy that applies to it."""
    return digest({"asked": ask.digest, "policy": digest(policy)})
