"""Points: the moments at which the death of a process could do harm, by name, in the order of a run's life.

Trials let processes die there (`HITL_POINTS` names a function that is told of each point by its name). Otherwise a
point costs a look at a variable.
"""

from collections.abc import Callable

ENQUEUE = ("enqueue.within", "enqueue.after")
NOTIFY = ("notify.before", "notify.after")
CLAIM = ("claim.after",)
SAVE = ("save.before", "save.within", "save.after")
PAUSE = ("pause.within", "pause.after")
DECIDE = ("decide.before", "decide.within", "decide.after")
RELEASE = ("release.within", "release.after")
SWEEP = ("sweep.before", "sweep.after")

ALL = (*ENQUEUE, *NOTIFY, *CLAIM, *SAVE, *PAUSE, *DECIDE, *RELEASE, *SWEEP)

_listeners: list[Callable[[str], None]] = []


def tell(listener: Callable[[str], None]) -> None:
    """From now on tell this function of each point that is reached."""
    _listeners.append(listener)


def reached(point: str) -> None:
    """This process is at a point."""
    for listener in _listeners:
        listener(point)
