"""Agno's workflows in the author's own process: what their steps wait for is asked in the portal, and they go on.

    from hitl_portal.adapters.agno_workflow import run

    with Portal(url, token) as portal:
        output = run(workflow, "Order 7", portal)

It is for what a server's HTTP interface does not offer: failures too (`on_error` pause) can be answered, with once more
or without. A step that waits with its agent's tools is left as it is.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from hitl_portal.adapters import agno_steps
from hitl_portal.client import Answer, Portal

LONGEST = 20_000


class Workflow(Protocol):
    """A workflow, as far as it is used here."""

    def run(self, input: Any, **named: Any) -> Any: ...
    def continue_run(self, output: Any) -> Any: ...


def run(workflow: Workflow, input: Any, portal: Portal, **question: Any) -> Any:
    """Run it to its end; whenever a step waits, people are asked and waited for. `question` counts for all that is
    asked: `policy`, `timeout`, `on_timeout`.

    Gives the output; one that is still paused waits for what cannot be asked about here, or was ended by a person.
    Raises NotAnswered where a question is withdrawn, and PortalError.
    """
    output = workflow.run(input)
    while output.is_paused and _answered(output, portal, question):
        output = workflow.continue_run(output)
    return output


def _answered(output: Any, portal: Portal, question: Mapping[str, Any]) -> bool:
    """Ask about everything that waits; whether it goes on."""
    asked = False
    for requirement, said in _waiting(output):
        named: dict[str, Any] = {**said, **question}
        answer = portal.ask(named.pop("message"), wait=True, **named)
        if answer.action == "cancel" or not _apply(requirement, answer):
            return False
        asked = True
    return asked


def _waiting(output: Any) -> Iterator[tuple[Any, dict[str, Any]]]:
    for failed in output.steps_with_errors or ():
        error = {"type": str(failed.error_type or ""), "message": str(failed.error_message or "?")[:LONGEST]}
        step = str(failed.step_name)
        yield failed, {"kind": "error", "message": f"“{step}” failed", "title": step[:200], "error": error}
    for step in (output.step_requirements or ())[-1:]:
        said = step.to_dict()
        if not said.get("requires_executor_input"):
            asked = {
                name: value
                for name, value in agno_steps.posed(said, "")[0].said.items()
                if name != "on_reject"
            }
            yield step, asked


def _apply(requirement: Any, answer: Answer) -> bool:
    """Say it to the requirement; whether that can be said."""
    if answer.action in ("retry", "skip"):
        getattr(requirement, answer.action)()
    elif answer.action == "edit":
        requirement.edit(answer.content)
    elif answer.approved:
        _approve(requirement, answer)
    elif requirement.requires_user_input or requirement.requires_route_selection:
        return False
    else:
        requirement.reject(answer.feedback or None)
    return True


def _approve(requirement: Any, answer: Answer) -> None:
    if requirement.requires_route_selection and requirement.allow_multiple_selections:
        requirement.select_multiple(list(answer.choices))
    elif requirement.requires_route_selection:
        requirement.select(*answer.choices)
    elif requirement.requires_user_input:
        requirement.set_user_input(**answer.values)
    else:
        requirement.confirm()
