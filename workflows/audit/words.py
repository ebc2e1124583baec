"""Words: what was said with a decision can be erased; the log has a digest of it, and stays whole (decision 18)."""

import hashlib

from workflows.canonical import canonical
from workflows.models import Decision


def words(decision: Decision) -> str:
    """What the log has of feedback and answer; another one once they are erased."""
    said = canonical({"feedback": decision.feedback, "answer": decision.answer})
    return hashlib.sha256(f"{decision.salt}\n".encode() + said).hexdigest()


def are_erased(decision: Decision) -> bool:
    """Nobody can read any more what was said; nor of decisions from before there was a digest of it."""
    return not decision.salt
