"""Printing: a run as text for a terminal."""

from workflows.run.output import WorkflowRunOutput


def print_run(run: WorkflowRunOutput) -> None:
    """Print what came of a run, and what it waits for."""
    print(f"{run.workflow_name}: {run.status}")
    if run.content is not None:
        print(run.get_content_as_string())
    for requirement in run.active_step_requirements:
        print(f"- waits at '{requirement.step_name}'")
    for error in run.active_error_requirements:
        print(f"- failed at '{error.step_name}': {error.error_message}")
