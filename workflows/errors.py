"""What can go wrong when people and machines ask something of a run.

WorkflowsError
├── UnknownWorkflow
├── WorkflowDisabled
├── UnkeepableInput
├── RunFinished
├── WrongStatus
├── LeaseLost
└── DecisionRefused
    ├── AlreadyDecided
    ├── StaleRevision
    ├── NotEligible
    └── InvalidAnswer
"""

from collections.abc import Mapping
from datetime import datetime


class WorkflowsError(Exception):
    """The root: everything below is an answer to the caller, not a fault of the program."""


class UnknownWorkflow(WorkflowsError):
    """No workflow of that name is registered."""


class UnkeepableInput(WorkflowsError):
    """The input is not data that can be kept: a number without a finite value, half a character, too deep."""


class WorkflowDisabled(WorkflowsError):
    """An admin has switched the workflow off: no new runs."""


class RunFinished(WorkflowsError):
    """The run has ended; nothing can be changed about it."""


class WrongStatus(WorkflowsError):
    """The run is not, or not any more, in a state in which this can be done."""


class LeaseLost(WorkflowsError):
    """Somebody else drives the run now; what this process did is not written."""


class DecisionRefused(WorkflowsError):
    """The decision was not taken; the requirement is as it was."""


class AlreadyDecided(DecisionRefused):
    """Somebody was faster, or the run has ended. Says who, when and what, where somebody decided."""

    def __init__(self, by: str, at: datetime | None, action: str) -> None:
        self.by, self.at, self.action = by, at, action
        when = f" at {at:%Y-%m-%d %H:%M:%S} UTC" if at else ""
        super().__init__(f"Already decided: {action} by {by}{when}")


class StaleRevision(DecisionRefused):
    """What is asked about has changed since the page was opened."""

    def __init__(self, seen: int, current: int) -> None:
        self.seen, self.current = seen, current
        super().__init__(f"Revision {seen} was answered, but revision {current} is open")


class NotEligible(DecisionRefused):
    """This person may not decide this."""


class InvalidAnswer(DecisionRefused):
    """The answer does not fit what was asked. `by_field` maps a field, or "action", to what is wrong."""

    def __init__(self, by_field: Mapping[str, str]) -> None:
        self.by_field = dict(by_field)
        super().__init__("; ".join(self.by_field.values()))
