"""What can go wrong when people and machines ask something of a run.

WorkflowsError
├── UnknownWorkflow
├── WorkflowDisabled
├── UnkeepableInput
├── InvalidInput
├── MalformedAnswer
├── RunFinished
├── WrongStatus
├── UnknownStep
├── LeaseLost
├── Unresolved
├── InvalidDates
├── HoldOver
└── DecisionRefused
    ├── AlreadyDecided
    ├── AlreadyVoted
    ├── StaleRevision
    ├── NotEligible
    │   ├── SelfApproval
    │   └── NeedsSignature
    ├── NotSigned
    ├── ClaimedByAnother
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


class InvalidInput(WorkflowsError):
    """The input does not fit what the workflow says of it. `by_field` maps a field to what is wrong with it."""

    def __init__(self, by_field: Mapping[str, str]) -> None:
        self.by_field = dict(by_field)
        super().__init__("; ".join(self.by_field.values()))


class MalformedAnswer(WorkflowsError):
    """What was sent cannot be read as an answer. `pointer` says where (RFC 6901), if that is known."""

    def __init__(self, said: str, pointer: str = "") -> None:
        self.pointer = pointer
        super().__init__(said)


class WorkflowDisabled(WorkflowsError):
    """An admin has switched the workflow off: no new runs."""


class RunFinished(WorkflowsError):
    """The run has ended; nothing can be changed about it."""


class WrongStatus(WorkflowsError):
    """The run is not, or not any more, in a state in which this can be done."""


class UnknownStep(WorkflowsError):
    """The run has not been at that step, or its definition does not have it (any more)."""


class RunExists(ValueError):
    """A script starts a run under an id that it has given before."""


class LeaseLost(WorkflowsError):
    """Somebody else drives the run now; what this process did is not written."""


class Unresolved(WorkflowsError, ValueError):
    """A paused run was to be continued, and nothing that it waits for was answered."""


class InvalidDates(WorkflowsError):
    """The dates do not fit: an end before its beginning, or a moment that has passed."""


class HoldOver(WorkflowsError):
    """The decision cannot be undone any more, or was undone already: the run goes on with it, or has."""


class DecisionRefused(WorkflowsError):
    """The decision was not taken; the requirement is as it was."""


class AlreadyDecided(DecisionRefused):
    """Somebody was faster, or the run has ended. Says who, when and what, where somebody decided."""

    def __init__(self, by: str, at: datetime | None, action: str) -> None:
        self.by, self.at, self.action = by, at, action
        when = f" at {at:%Y-%m-%d %H:%M:%S} UTC" if at else ""
        super().__init__(f"Already decided: {action} by {by}{when}")


class AlreadyVoted(DecisionRefused):
    """This person has been heard: more people are needed, and not the same one twice."""


class StaleRevision(DecisionRefused):
    """What is asked about has changed since the page was opened."""

    def __init__(self, seen: int, current: int) -> None:
        self.seen, self.current = seen, current
        super().__init__(f"Revision {seen} was answered, but revision {current} is open")


class NotEligible(DecisionRefused):
    """This person may not decide this."""


class SelfApproval(NotEligible):
    """Who asked for something does not decide it: four eyes; and no machine what was asked for by its owner."""


class NeedsSignature(NotEligible):
    """A person signs this decision with a passkey, on the portal's page: see HITL_SIGNED_DECISIONS."""


class NotSigned(DecisionRefused):
    """What was sent is no signature of this person's under this decision. The text is why."""


class ClaimedByAnother(DecisionRefused):
    """Somebody else works on it. Says who, and until when."""

    def __init__(self, by: str, until: datetime | None) -> None:
        self.by, self.until = by, until
        super().__init__(f"Claimed by {by}" + (f" until {until:%Y-%m-%d %H:%M} UTC" if until else ""))


class InvalidAnswer(DecisionRefused):
    """The answer does not fit what was asked. `by_field` maps a field, or "action", to what is wrong."""

    def __init__(self, by_field: Mapping[str, str]) -> None:
        self.by_field = dict(by_field)
        super().__init__("; ".join(self.by_field.values()))
