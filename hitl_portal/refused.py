"""Why a service has refused what a person asked for, in their language; what errors say themselves is for logs."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from workflows.errors import (
    AlreadyDecided,
    AlreadyVoted,
    ClaimedByAnother,
    InvalidDates,
    NeedsSignature,
    NotEligible,
    NotSigned,
    RunFinished,
    SelfApproval,
    StaleRevision,
    UnkeepableInput,
    UnknownStep,
    UnknownWorkflow,
    WorkflowDisabled,
    WorkflowsError,
    WrongStatus,
)

# The first that fits counts: an error stands before what it is a kind of.
WORDS: tuple[tuple[type[WorkflowsError], Any], ...] = (
    (SelfApproval, gettext_lazy("You asked for this run, so somebody else decides.")),
    (
        NeedsSignature,
        gettext_lazy("Nothing is decided yet: sign it with your passkey, on the page of this item."),
    ),
    (
        NotSigned,
        gettext_lazy("Nothing is decided: that is no signature of yours under this answer. Sign it again."),
    ),
    (NotEligible, gettext_lazy("This is for others to do.")),
    (StaleRevision, gettext_lazy("What is asked has changed meanwhile: look again.")),
    (AlreadyVoted, gettext_lazy("Your vote is counted already.")),
    (RunFinished, gettext_lazy("The run has ended already.")),
    (WrongStatus, gettext_lazy("The run does not stand where this is possible, or not any more.")),
    (UnknownStep, gettext_lazy("The run has not been at that step, or its workflow has it no more.")),
    (UnknownWorkflow, gettext_lazy("There is no such workflow here.")),
    (WorkflowDisabled, gettext_lazy("The workflow is switched off.")),
    (InvalidDates, gettext_lazy("It ends before it begins, or has ended already.")),
    (
        UnkeepableInput,
        gettext_lazy("This cannot be kept: it is too deep, or holds a number without a value."),
    ),
)


def in_words(refused: WorkflowsError) -> str:
    """One sentence; names who was faster, where somebody was."""
    match refused:
        case AlreadyDecided():
            return _("%(name)s was faster.") % {"name": refused.by}
        case ClaimedByAnother():
            return _("%(name)s has claimed it.") % {"name": refused.by}
    return next((str(words) for kind, words in WORDS if isinstance(refused, kind)), str(refused))
