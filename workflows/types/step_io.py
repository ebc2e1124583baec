"""What a step is given and what it gives back (spec 2.6, 2.7)."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Self

from workflows.engine import values
from workflows.types.later import Later

MEDIA = ("images", "videos", "audio", "files")

HISTORY_RUNS = 3

# What a StepInput's dict holds besides the outputs of what came before.
WRITTEN = ("input", "previous_step_content", "additional_data", *MEDIA)


@dataclass(kw_only=True)
class StepOutput:
    """What one step produced. `content` is text, JSON-able data, a pydantic model or a dataclass.

    `stop=True` ends the run after this step. `steps` holds the inner outputs of a composite, in order.
    """

    content: Any = None
    step_name: str | None = None
    step_id: str | None = None
    step_type: str | None = None
    executor_type: str | None = None
    executor_name: str | None = None
    step_run_id: str | None = None
    images: list[Any] | None = None
    videos: list[Any] | None = None
    audio: list[Any] | None = None
    files: list[Any] | None = None
    metrics: Any = None
    success: bool = True
    error: str | None = None
    stop: bool = False
    is_paused: bool = False
    steps: Sequence["StepOutput"] | None = None

    @property
    def deepest(self) -> Any:
        """The content of the last inner output, all the way down; its own content when it has none inside."""
        return self.steps[-1].deepest if self.steps else self.content

    def named(self, name: str, step_type: str) -> Self:
        """A copy that says which step it came from, where it does not say so itself."""
        return replace(self, step_name=self.step_name or name, step_type=self.step_type or str(step_type))

    def parts(self) -> dict[str, Any]:
        """Its fields that are set, as they are; inner outputs included."""
        data = {name: value for name in FIELDS if (value := getattr(self, name)) is not None}
        if self.steps is not None:
            data["steps"] = [inner.parts() for inner in self.steps]
        return data

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Self:
        """The output of such parts; unknown keys are ignored."""
        known = {name: data[name] for name in FIELDS if name in data}
        if known.get("steps") is not None:
            known["steps"] = [cls.of(inner) for inner in known["steps"]]
        return cls(**known)

    def to_dict(self) -> dict[str, Any]:
        """Its fields that are set, JSON-clean: models, bytes and the like under a tag (see `engine.values`)."""
        data: dict[str, Any] = values.tagged(self.parts())
        return data

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The output that `to_dict` described; unknown keys are ignored."""
        return cls.of(values.untagged(dict(data)))


FIELDS = tuple(field.name for field in fields(StepOutput))


@dataclass(kw_only=True)
class StepInput:
    """What a step's function reads.

    `previous_step_content` is the deepest content of the step before; `previous_step_outputs` maps names to
    outputs. `additional_data` holds what the run was started with and, for a step that people answered,
    `user_input`, `rejection_feedback` and `previous_output`: those three are seen by that step alone.
    `workflow_session` knows the session's earlier runs, for `get_workflow_history`.
    `idempotency_key` stays the same when a step that a crash cut off runs again: hand it to outside systems.
    """

    input: Any = None
    previous_step_content: Any = Later()  # noqa: RUF009  it keeps nothing itself
    previous_step_outputs: Mapping[str, StepOutput] = field(default_factory=dict)
    additional_data: dict[str, Any] | None = None
    images: list[Any] | None = None
    videos: list[Any] | None = None
    audio: list[Any] | None = None
    files: list[Any] | None = None
    workflow_session: Any = None
    idempotency_key: str | None = None

    def get_input_as_string(self) -> str | None:
        """The run's input as text: text as it is, data as JSON."""
        return None if self.input is None else as_text(self.input)

    def get_step_output(self, step_name: str) -> StepOutput | None:
        """The output of the step with that name, inside composites too."""
        if step_name in self.previous_step_outputs:
            return self.previous_step_outputs[step_name]
        return _find(self.previous_step_outputs.values(), step_name)

    def get_step_content(self, step_name: str) -> Any:
        """The content of the step with that name: a Parallel as name → text, other composites as their deepest."""
        output = self.get_step_output(step_name)
        if output is None:
            return None
        if output.step_type == "Parallel":
            return {inner.step_name or "": as_text(inner.deepest) for inner in output.steps or ()}
        return output.deepest

    def get_all_previous_content(self) -> str:
        """The content of every previous step, each under a line `=== name ===`."""
        blocks = [
            f"=== {name} ===\n{as_text(output.deepest)}"
            for name, output in self.previous_step_outputs.items()
            if output.deepest is not None
        ]
        return "\n\n".join(blocks)

    def get_last_step_content(self) -> Any:
        """The deepest content of the step before."""
        return self.previous_step_content

    def get_workflow_history(self, num_runs: int | None = None) -> list[tuple[Any, Any]]:
        """(input, content) of the session's last completed runs before this one, newest last; by default three."""
        count = HISTORY_RUNS if num_runs is None else num_runs
        return list(self.workflow_session.runs(count)) if self.workflow_session is not None else []

    def get_workflow_history_context(self, num_runs: int | None = None) -> str | None:
        """The same as text for a model; None where there were no runs."""
        blocks = [
            f"[run {number}]\nInput: {as_text(given)}\nOutput: {as_text(content)}"
            for number, (given, content) in enumerate(self.get_workflow_history(num_runs), 1)
        ]
        return "Earlier runs:\n" + "\n\n".join(blocks) if blocks else None

    def to_dict(self) -> dict[str, Any]:
        """Its input, what came before, additional data and media; JSON-clean."""
        outputs = {name: output.parts() for name, output in self.previous_step_outputs.items()}
        given = {name: getattr(self, name) for name in WRITTEN}
        data: dict[str, Any] = values.tagged(given | {"previous_step_outputs": outputs})
        return data

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The input that `to_dict` described."""
        known = values.untagged(dict(data))
        outputs = known.get("previous_step_outputs") or {}
        return cls(
            previous_step_outputs={name: StepOutput.of(output) for name, output in outputs.items()},
            **{name: known.get(name) for name in WRITTEN},
        )


def as_text(value: Any) -> str:
    """Text as it is, everything else as JSON where JSON can say it."""
    if isinstance(value, str):
        return value
    if hasattr(value, "model_dump_json"):
        return str(value.model_dump_json())
    return json.dumps(value, default=str, ensure_ascii=False)


def _find(outputs: Iterable[StepOutput], step_name: str) -> StepOutput | None:
    """The output of that name inside others; of several the last one counts."""
    for output in reversed(list(outputs)):
        for inner in reversed(list(output.steps or ())):
            if inner.step_name == step_name:
                return inner
        found = _find(output.steps or (), step_name)
        if found is not None:
            return found
    return None
