"""WorkflowSession: what several runs of a workflow share, and those runs."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

from workflows.run.output import WorkflowRunOutput


class WorkflowSession:
    """A session as it stands: its state, and its runs, newest last."""

    def __init__(
        self,
        session_id: str,
        session_state: dict[str, Any],
        run_ids: Callable[[], list[str]],
        load: Callable[[str], WorkflowRunOutput],
    ) -> None:
        self.session_id, self.session_state = session_id, session_state
        self._run_ids, self._load = run_ids, load

    @cached_property
    def runs(self) -> "Outputs":
        """The runs, newest last; each is read when somebody looks at it."""
        return Outputs(self._run_ids(), self._load)

    @property
    def session_data(self) -> dict[str, Any]:
        """The state, under the name that the framework's sessions have."""
        return {"session_state": self.session_state}

    def get_run(self, run_id: str) -> WorkflowRunOutput | None:
        """One of the runs."""
        return self.runs.named(run_id)


class Outputs(Sequence[WorkflowRunOutput]):
    """The runs of a session, each loaded once, when it is looked at."""

    def __init__(self, run_ids: list[str], load: Callable[[str], WorkflowRunOutput]) -> None:
        self._run_ids, self._load = run_ids, load
        self._loaded: dict[str, WorkflowRunOutput] = {}

    def __len__(self) -> int:
        return len(self._run_ids)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self._at(run_id) for run_id in self._run_ids[index]]
        return self._at(self._run_ids[index])

    def named(self, run_id: str) -> WorkflowRunOutput | None:
        """The run with that id."""
        return self._at(run_id) if run_id in self._run_ids else None

    def _at(self, run_id: str) -> WorkflowRunOutput:
        if run_id not in self._loaded:
            self._loaded[run_id] = self._load(run_id)
        return self._loaded[run_id]
