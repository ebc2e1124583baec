"""What a run looks like to its author: its output, its status, its events."""

from workflows.engine.invoke import RunContext as RunContext
from workflows.run.events import *  # noqa: F403  the events are the public names of that module
from workflows.run.output import WorkflowRunOutput as WorkflowRunOutput
from workflows.types import RunStatus as RunStatus
