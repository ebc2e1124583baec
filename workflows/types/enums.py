"""The closed sets of the authors' API; a plain string is accepted wherever one of them is."""

from enum import StrEnum


class OnReject(StrEnum):
    """What happens when a person says no."""

    skip = "skip"  # go on without the step
    cancel = "cancel"  # end the run
    else_branch = "else"  # a Condition runs its else branch; elsewhere the same as skip
    retry = "retry"  # do it, or ask, again; limited by max_retries


class OnError(StrEnum):
    """What happens when a step's function has failed for good."""

    fail = "fail"  # the run ends with ERROR
    skip = "skip"  # a failed output is recorded, the run goes on
    pause = "pause"  # a person decides: retry or skip


class OnTimeout(StrEnum):
    """What happens when nobody answered in time (page 004 and the framework's code, united)."""

    approve = "approve"
    reject = "reject"  # a rejection by the system: on_reject applies
    skip = "skip"
    cancel = "cancel"


class PauseKind(StrEnum):
    """Where the run waits: at a step, or at a tool call inside one."""

    STEP = "step"
    EXECUTOR = "executor"


class ExecutorType(StrEnum):
    """What runs inside a step besides a function."""

    AGENT = "agent"
    TEAM = "team"


class StepType(StrEnum):
    """The primitives of a workflow."""

    FUNCTION = "Function"
    STEP = "Step"
    STEPS = "Steps"
    LOOP = "Loop"
    PARALLEL = "Parallel"
    CONDITION = "Condition"
    ROUTER = "Router"
    WORKFLOW = "Workflow"
    AGENT = "Agent"  # a member of a team
    TEAM = "Team"  # likewise
    TOOL = "Tool"  # one call of a tool


class RunStatus(StrEnum):
    """Where a run stands."""

    pending = "PENDING"  # waits for a worker's first look
    running = "RUNNING"  # a worker or script drives it, or is about to
    paused = "PAUSED"  # waits for people
    completed = "COMPLETED"
    cancelled = "CANCELLED"
    error = "ERROR"
    regenerated = "REGENERATED"  # an agent's run that another one replaced
    definition_changed = "DEFINITION_CHANGED"  # ours: paused at a place that the definition has no more

    @property
    def finished(self) -> bool:
        """Nothing can happen to the run any more."""
        return self in _ENDED


_ENDED = frozenset((RunStatus.completed, RunStatus.cancelled, RunStatus.error, RunStatus.regenerated))


class StepStatus(StrEnum):
    """Where one place of the tree stands in a run."""

    pending = "pending"  # reached, nothing in flight
    running = "running"  # its function was called and has not come back
    waiting = "waiting"  # somebody is asked
    completed = "completed"
    failed = "failed"  # its function failed for good; the output says how
    skipped = "skipped"  # a person's no, without a trace in the results

    @property
    def finished(self) -> bool:
        """It is never walked again."""
        return self in _FINISHED


_FINISHED = frozenset((StepStatus.completed, StepStatus.failed, StepStatus.skipped))


class RequirementKind(StrEnum):
    """What a person is asked for."""

    confirmation = "confirmation"
    user_input = "user_input"
    route = "route"
    output_review = "output_review"
    iteration_review = "iteration_review"
    error = "error"
    tool_confirmation = "tool_confirmation"
    tool_input = "tool_input"
    external_execution = "external_execution"
    feedback = "feedback"


class Action(StrEnum):
    """What a person can answer to a requirement."""

    approve = "approve"  # go on: a form with its values, a route with its choices
    reject = "reject"  # no: the step's on_reject says what that causes
    edit = "edit"  # go on with changed content
    retry = "retry"  # after an error: once more
    skip = "skip"  # after an error: go on without
    cancel = "cancel"  # no, and end the run whatever on_reject says
