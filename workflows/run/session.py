"""WorkflowSession: what several runs of a workflow share, and those runs."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

from workflows.run.output import WorkflowRunOutput


class WorkflowSession:
    """A session as it stands: its state, and its runs, newest last, read when somebody looks."""

    def __init__(
        self, session_id: str, state: dict[str, Any], load: Callable[[], list[WorkflowRunOutput]]
    ) -> None:
        self.session_id, self.session_state, self._load = session_id, state, load

    @cached_property
    def runs(self) -> list[WorkflowRunOutput]:
        """The runs, newest last."""
        return self._load()

    @property
    def session_data(self) -> dict[str, Any]:
        """The state, under the name that the framework's sessions have."""
        return {"session_state": self.session_state}

    def get_run(self, run_id: str) -> WorkflowRunOutput | None:
        """One of the runs."""
        return next((run for run in self.runs if run.run_id == run_id), None)
