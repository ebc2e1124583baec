"""Agno's workflows that wait at a step: what is asked, and what stands in the requirement once it is answered. Pure.

Of a workflow's requirements the last one counts; those before it are the past.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from hitl_portal.adapters import agno_tools
from hitl_portal.adapters.found import Answers, Posed

STEP = "step"
SILENCE = ("approve", "reject", "skip", "cancel")
NO = ("skip", "cancel", "retry", "else")
LONGEST = 20_000


def waiting(run: Mapping[str, Any]) -> dict[str, Any] | None:
    """The requirement that a run waits for; None where it is none that can be answered from here."""
    steps = run.get("step_requirements")
    last = steps[-1] if isinstance(steps, list) and steps else None
    return last if isinstance(last, dict) and not run.get("error_requirements") else None


def posed(step: Mapping[str, Any], workflow: str) -> list[Posed]:
    """The questions: one about the step, or one for each tool that its agent or team waits with."""
    if step.get("requires_executor_input"):
        who, is_team = str(step.get("executor_name") or ""), step.get("executor_type") == "team"
        inner = [one for one in step.get("executor_requirements") or () if isinstance(one, Mapping)]
        return agno_tools.posed_of_requirements(inner, who=who, team=who if is_team else "")
    spot = f"{STEP}:{step.get('step_id')}:{step.get('retry_count') or 0}"
    name = str(step.get("step_name") or workflow)
    no = step.get("on_reject")
    known = {"on_reject": str(no)} if no in NO else {}
    said = {"title": name[:200], **known, **_silence(step), **_asked(step, name)}
    return [Posed(spot=spot[:200], said=said)]


def answered(steps: Sequence[Mapping[str, Any]], answers: Answers) -> list[dict[str, Any]]:
    """The requirements, of which the last one says what was decided."""
    *past, last = (dict(step) for step in steps)
    if last.get("requires_executor_input"):
        inner = [one for one in last.get("executor_requirements") or () if isinstance(one, Mapping)]
        last["executor_requirements"] = agno_tools.requirements_answered(inner, answers)
        return [*past, last]
    return [*past, last | _filled(last, next(iter(answers.values())))]


def _asked(step: Mapping[str, Any], name: str) -> dict[str, Any]:
    if step.get("requires_output_review") or step.get("is_post_execution"):
        output = step.get("step_output")
        content = output.get("content") if isinstance(output, Mapping) else output
        message = _text(step, "output_review_message", "confirmation_message") or f"{name}?"
        return {"kind": "output_review", "message": message, "content": content}
    given = _given(step)
    if step.get("requires_route_selection"):
        routes = [{"name": str(choice)} for choice in step.get("available_choices") or () if choice]
        several = bool(step.get("allow_multiple_selections"))
        message = _text(step, "user_input_message") or f"{name}?"
        return {"kind": "route", "message": message, "choices": routes, "allow_multiple": several, **given}
    if step.get("requires_user_input"):
        fields = [agno_tools.field_of(field) for field in step.get("user_input_schema") or ()]
        message = _text(step, "user_input_message") or f"{name}?"
        return {"kind": "user_input", "message": message, "fields": fields, **given}
    return {"kind": "confirmation", "message": _text(step, "confirmation_message") or f"{name}?", **given}


def _given(step: Mapping[str, Any]) -> dict[str, Any]:
    """What the step is about to be given: to be looked at."""
    given = step.get("step_input")
    if not isinstance(given, Mapping):
        return {}
    shown = {
        name: given[name] for name in ("input", "previous_step_content", "additional_data") if given.get(name)
    }
    return {"content": shown} if shown else {}


def _silence(step: Mapping[str, Any]) -> dict[str, Any]:
    """Its time limit, as ours has it."""
    try:
        until = datetime.fromisoformat(str(step.get("timeout_at")))
    except ValueError:
        return {}
    left = int(((until if until.tzinfo else until.replace(tzinfo=UTC)) - datetime.now(UTC)).total_seconds())
    then = str(step.get("on_timeout"))
    return {"timeout": max(left, 1), "on_timeout": then if then in SILENCE else "cancel"}


def takes(step: Mapping[str, Any], answers: Answers) -> bool:
    """Whether this can be said: a form and a choice of routes know no no."""
    asks = step.get("requires_user_input") or step.get("requires_route_selection")
    return not asks or all(
        answer is not None and answer.get("action") == "approve" for answer in answers.values()
    )


def _filled(step: Mapping[str, Any], answer: Mapping[str, Any] | None) -> dict[str, Any]:
    if answer is None or answer.get("action") not in ("approve", "edit"):
        return {"confirmed": False, "rejection_feedback": (answer or {}).get("feedback")}
    if answer.get("action") == "edit":
        return {"confirmed": True, "edited_output": answer.get("content")}
    if step.get("requires_route_selection"):
        return {"selected_choices": list(answer.get("choices") or ()), "confirmed": True}
    if step.get("requires_user_input"):
        values = answer.get("values") or {}
        fields = [
            {**field, "value": values.get(field.get("name"), field.get("value"))}
            for field in step.get("user_input_schema") or ()
        ]
        return {"user_input": dict(values), "user_input_schema": fields, "confirmed": True}
    return {"confirmed": True}


def _text(step: Mapping[str, Any], *names: str) -> str:
    return next((str(step[name])[:LONGEST] for name in names if step.get(name)), "")
