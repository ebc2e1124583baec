"""Answering: what each answer to a question causes, by its kind and its policy. `details` are those of the question
(see `engine.needs.Ask`), as a requirement keeps them."""

from collections.abc import Mapping
from typing import Any

from workflows.ahead.causing import asked
from workflows.ahead.course import CANCELLED, Course
from workflows.ahead.here import Here
from workflows.types import Action, Answer, OnReject, RequirementKind, StepType

REVIEWS = (RequirementKind.output_review, RequirementKind.iteration_review)


def following(details: Mapping[str, Any], here: Here, answer: Answer, *, stops: bool = False) -> Course:
    """What comes after an answer. `stops`: the output under review says that nothing shall come after it.

    A route that is not chosen yet is told as every route that there is.
    """
    if answer.action is Action.cancel:
        return CANCELLED
    if details.get("tool"):  # whatever is answered, it is told to the model
        return here.runs()
    if details["kind"] == RequirementKind.error:
        return _after_error(details, here, answer)
    if answer.approved:
        return _after_yes(details, here, answer, stops=stops)
    return here.goes_on() if answer.action is Action.skip else _after_no(details, here)


def _after_error(details: Mapping[str, Any], here: Here, answer: Answer) -> Course:
    if details.get("step_type") == StepType.TOOL:
        return here.runs()
    if answer.action is not Action.retry:
        return here.goes_on()
    is_container = here.node["kind"] == StepType.CONDITION or bool(here.node.get("workflow"))
    if not is_container:
        return here.runs()
    # Of a failure inside it: `error:<the path>:<how often>`.
    failed = here.at(str(details.get("key", "")).partition(":")[2].rpartition(":")[0])
    if failed is None:
        return here.runs()
    return failed.begins() if failed.node["kind"] == StepType.ROUTER else failed.runs()


def _after_yes(details: Mapping[str, Any], here: Here, answer: Answer, *, stops: bool) -> Course:
    kind, node = details["kind"], here.node
    if kind in REVIEWS:
        return here.goes_on(stops=stops)
    if kind == RequirementKind.route:
        return here.runs(answer.choices) if answer.choices else here.runs_any()
    if node["kind"] == StepType.CONDITION:
        return here.runs(("if",))
    if node["kind"] == StepType.ROUTER and "user_input" not in node.get("asks", ()):
        return here.runs(tuple(details.get("proposal") or ()), in_order=False)
    return here.runs()


def _after_no(details: Mapping[str, Any], here: Here) -> Course:
    policy = details.get("on_reject") or OnReject.skip
    is_condition = here.node["kind"] == StepType.CONDITION
    if policy == OnReject.cancel or (policy == OnReject.retry and _is_last(details)):
        return CANCELLED
    if policy == OnReject.else_branch and is_condition:
        return here.runs(("else",))
    return _once_more(details, here) if policy == OnReject.retry else here.goes_on()


def _once_more(details: Mapping[str, Any], here: Here) -> Course:
    kind = details["kind"]
    if kind == RequirementKind.iteration_review:
        return here.again()
    if here.node["kind"] == StepType.ROUTER:
        return asked(here.node, "route")
    if kind == RequirementKind.output_review:
        return here.runs()
    return asked(here.node, str(kind))


def _is_last(details: Mapping[str, Any]) -> bool:
    limit = details.get("max_retries")
    return limit is not None and int(details.get("retry_count") or 0) >= limit
