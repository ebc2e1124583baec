"""Coverage: what can never be decided, found before a run waits for it: for every workflow, and for what is open.

Plain counting over who is there now. What is open is looked at by its shapes (which policy, whose run), so that it
costs the same few queries, and little time, however much waits.
"""

from workflows.coverage.finding import Finding, Problem
from workflows.coverage.looking import findings, of_definitions

__all__ = ["Finding", "Problem", "findings", "of_definitions"]
