"""Printing: a run as text for a terminal."""

import asyncio
from typing import Any

from workflows.agents.output import BaseRunOutput
from workflows.run.output import WorkflowRunOutput


def print_run(run: WorkflowRunOutput) -> None:
    """Print what came of a workflow's run, and what it waits for."""
    print(f"{run.workflow_name}: {run.status}")
    if run.content is not None:
        print(run.get_content_as_string())
    for requirement in run.active_step_requirements:
        print(f"- waits at '{requirement.step_name}'")
    for error in run.active_error_requirements:
        print(f"- failed at '{error.step_name}': {error.error_message}")


def pprint_run_response(run_response: Any, **unused: Any) -> None:
    """Print a run of an agent, a team or a workflow; of a stream, the text as it comes and then the pauses."""
    del unused
    if isinstance(run_response, WorkflowRunOutput):
        print_run(run_response)
    elif isinstance(run_response, BaseRunOutput):
        _print_output(run_response)
    else:
        for event in run_response:
            _print_event(event)
        print()


async def apprint_run_response(run_response: Any, **unused: Any) -> None:
    """The same of what is awaited or iterated inside an event loop."""
    if hasattr(run_response, "__aiter__"):
        async for event in run_response:
            _print_event(event)
        print()
        return
    run = await run_response if hasattr(run_response, "__await__") else run_response
    await asyncio.to_thread(pprint_run_response, run, **unused)


def _print_output(run: BaseRunOutput) -> None:
    if run.content is not None:
        print(run.get_content_as_string())
    for requirement in run.active_requirements:
        call = requirement.tool_execution
        print(f"- waits for {requirement.pause_type.replace('_', ' ')}: {call.tool_name}({call.tool_args})")


def _print_event(event: Any) -> None:
    if isinstance(event, BaseRunOutput | WorkflowRunOutput):
        return
    content = getattr(event, "content", None)
    if event.is_paused:
        print(f"\n{content or 'Waits for people.'}")
    elif isinstance(content, str) and event.event.endswith("RunContent"):
        print(content, end="", flush=True)
