"""Step: one thing that is done, and what people are asked before and after it."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Self

from workflows.agents.handing import node_of
from workflows.component import Component, item_from_data, registered
from workflows.decorators import stamped
from workflows.engine.functions import StepFunction
from workflows.engine.plan import NestedNode, Node, StepNode
from workflows.executors import Conversing, conversing
from workflows.executors import message as told
from workflows.types import ExecutorType, HumanReview, OnError, OnReject, OnTimeout, StepType, UserInputField
from workflows.types.human_review import member, refuse_negative
from workflows.types.review_policy import RISKS

if TYPE_CHECKING:
    from workflows.workflow import Workflow

EXECUTORS = ("agent", "team", "executor", "workflow")


@registered
class Step(Component):
    """Run one of: `executor` (a function that takes a StepInput and returns a StepOutput or any data), `agent`,
    `team`, or `workflow` (a whole one; its pauses are this run's).

    `max_retries` are the program's own tries after an exception (no delay); then `on_error` says what happens.
    `hitl_max_retries` limits how often people may send the output back (on_reject=retry). `repeatable` (ours): a
    call that a crash has cut off simply runs again, else a person is asked. `irreversible` and `risk` (ours: low,
    normal, high) are shown to whoever decides. Raises ValueError on settings that do not go together.
    """

    kind: ClassVar[StepType] = StepType.STEP
    takes_on_error: ClassVar[bool] = True
    supported: ClassVar[tuple[str, ...]] = (
        "requires_confirmation",
        "requires_user_input",
        "requires_output_review",
    )
    settings: ClassVar[tuple[str, ...]] = (
        "executor",
        "step_id",
        "max_retries",
        "skip_on_failure",
        "strict_input_validation",
        "add_workflow_history",
        "num_history_runs",
        "repeatable",
        "irreversible",
        "risk",
    )

    def __init__(
        self,
        name: str | None = None,
        executor: Callable[..., Any] | None = None,
        *,
        agent: Any = None,
        team: Any = None,
        workflow: "Workflow | None" = None,
        step_id: str | None = None,
        description: str | None = None,
        max_retries: int = 3,
        skip_on_failure: bool = False,
        strict_input_validation: bool = False,
        add_workflow_history: bool | None = None,
        num_history_runs: int = 3,
        requires_confirmation: bool = False,
        confirmation_message: str | None = None,
        on_reject: OnReject | str = OnReject.skip,
        requires_user_input: bool = False,
        user_input_message: str | None = None,
        user_input_schema: list[UserInputField] | list[dict[str, Any]] | None = None,
        on_error: OnError | str = OnError.skip,
        requires_output_review: bool | Callable[..., Any] = False,
        output_review_message: str | None = None,
        hitl_max_retries: int | None = 3,
        hitl_timeout: int | None = None,
        on_timeout: OnTimeout | str = OnTimeout.cancel,
        human_review: HumanReview | None = None,
        repeatable: bool = False,
        irreversible: bool = False,
        risk: str = "normal",
    ) -> None:
        _refuse_unless_one(name, agent=agent, team=team, executor=executor, workflow=workflow)
        _refuse_settings(max_retries, risk)
        self.agent, self.team, self.executor, self.workflow = agent, team, executor, workflow
        self.step_id, self.strict_input_validation = step_id, strict_input_validation
        self.add_workflow_history, self.num_history_runs = add_workflow_history, num_history_runs
        self.max_retries, self.skip_on_failure = max_retries, skip_on_failure
        self.repeatable, self.irreversible, self.risk = repeatable, irreversible, risk
        self._function = self._made_function()
        pause_name, defaults = stamped(executor)
        flat = {
            "requires_confirmation": requires_confirmation,
            "confirmation_message": confirmation_message,
            "requires_user_input": requires_user_input,
            "user_input_message": user_input_message,
            "user_input_schema": user_input_schema,
            "on_reject": on_reject,
            "on_error": on_error,
            "requires_output_review": requires_output_review,
            "output_review_message": output_review_message,
            "max_retries": hitl_max_retries,
            "timeout": hitl_timeout,
            "on_timeout": on_timeout,
        }
        flat |= {field: flat[field] or value for field, value in defaults.items()}
        name = name or pause_name or self._own_name()
        super().__init__(name=name, description=description, human_review=human_review, flat=flat)

    def node(self, position: int) -> Node:
        """The frozen node."""
        same: dict[str, Any] = {
            "name": self.named(position),
            "description": self.description or "",
            "review": self.human_review,
            "on_error": member(OnError, self.human_review.on_error or OnError.skip, "on_error"),
        }
        if self.workflow is not None:
            return NestedNode(**same, workflow=self.workflow.name, children=self.workflow.plan.root.children)
        if isinstance(self._executor, Conversing):
            message = partial(told, history=self.history_runs)
            return self._executor.node(message, **same, **self._tried())
        assert self._function is not None
        return StepNode(
            **same,
            **self._tried(),
            handed=node_of,
            function=self._function,
            repeatable=self.repeatable,
        )

    def to_dict(self) -> dict[str, Any]:
        """As data; a nested workflow as its own dict, agents and teams by name alone."""
        named = {kind: getattr(getattr(self, kind), "name", None) for kind in ("agent", "team")}
        data = super().to_dict() | {kind: name for kind, name in named.items() if name}
        return data | ({"workflow": self.workflow.to_dict()} if self.workflow is not None else {})

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The step that `to_dict` described. ValueError for one that an agent or team executes: it has no address."""
        for kind in ("agent", "team"):
            if data.get(kind):
                raise ValueError(
                    f"Step '{data.get('name')}': the {kind} '{data[kind]}' cannot be made from data"
                )
        return super().from_dict(data)

    @classmethod
    def made(cls, given: dict[str, Any], data: Mapping[str, Any]) -> Self:
        """With its workflow, where it has one."""
        workflow = data.get("workflow")
        return cls(**given, workflow=item_from_data(workflow) if workflow is not None else None)

    @property
    def history_runs(self) -> int | None:
        """How many earlier runs an agent here is told of; None: as many as the workflow says."""
        if self.add_workflow_history is None:
            return None
        return self.num_history_runs if self.add_workflow_history else 0

    @property
    def _executor(self) -> Any:
        return self.agent if self.agent is not None else self.team

    def _tried(self) -> dict[str, Any]:
        """What holds for a function and for an agent alike."""
        names = ("max_retries", "skip_on_failure", "irreversible", "risk")
        return {name: getattr(self, name) for name in names}

    def _made_function(self) -> StepFunction | None:
        if self.executor is not None:
            return StepFunction.of(self.executor)
        if isinstance(self._executor, Conversing):
            return None
        if self.agent is not None:
            return conversing(self.agent, ExecutorType.AGENT, self.history_runs)
        return conversing(self.team, ExecutorType.TEAM, self.history_runs) if self.team is not None else None

    def _own_name(self) -> str | None:
        if self.workflow is not None:
            return self.workflow.name
        if isinstance(self._executor, Conversing):
            return self._executor.name
        return None if self._function is None else self._function.name


def wrap(item: Any) -> Component:
    """A component of a bare function, agent, team or workflow. ValueError for what is none of them."""
    if hasattr(item, "plan"):
        return Step(workflow=item)
    if callable(getattr(item, "run", None)):
        return Step(team=item) if hasattr(item, "members") else Step(agent=item)
    if callable(item) and not isinstance(item, type):
        return Step(executor=item)
    raise ValueError(f"Invalid step type: {type(item).__name__}")


def _refuse_settings(max_retries: int | None, risk: str) -> None:
    if max_retries is None:  # unlike people's limit: a program that tries for ever would never tell
        raise ValueError("max_retries=None is not a number of tries")
    refuse_negative("max_retries", max_retries)
    if risk not in RISKS:
        raise ValueError(f"risk={risk!r} is not one of {', '.join(RISKS)}")


def _refuse_unless_one(name: str | None, **executors: Any) -> None:
    given = [kind for kind in EXECUTORS if executors[kind] is not None]
    choices = ", ".join(f"{kind}=" for kind in EXECUTORS[:-1])
    if not given:
        raise ValueError(f"Step '{name}' must have one executor: {choices}, or workflow=")
    if len(given) > 1:
        raise ValueError(
            f"Step '{name}' can only have one executor type. Provided: {', '.join(given)}. "
            f"Please use only one of: {', '.join(EXECUTORS)}"
        )
