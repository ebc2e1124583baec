"""Ahead: what a run does next, read off its workflow's outline; it knows nothing of the code, and guesses nothing.

A `Course` is what follows one answer, in order. Where a function decides (which branch, which route, whether once
more) every way is told; and the course ends where people are asked for certain, as what comes then is theirs to say.
What fails, and what says stop, is left out: an outline does not know it.
"""

from workflows.ahead.answering import following
from workflows.ahead.course import Course, End, Stage, Way, What
from workflows.ahead.here import Here, SoFar

__all__ = ["Course", "End", "Here", "SoFar", "Stage", "Way", "What", "following"]
