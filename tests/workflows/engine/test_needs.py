"""Asks: what may be answered to which question, and questions as data."""

import json
from typing import Any

import pytest

from workflows import OnReject, OnTimeout
from workflows.engine.needs import Ask
from workflows.types import Action, Answer, InputErrors, RequirementKind

ENVIRONMENT = {"name": "env", "field_type": "str", "allowed_values": ["staging", "production"]}
REPLICAS = {"name": "replicas", "field_type": "int", "required": False}


def an_ask(kind: RequirementKind = RequirementKind.confirmation, **details: Any) -> Ask:
    return Ask(path="deploy", key="before:0", kind=kind, step_name="deploy", step_type="Step", **details)


def problems(ask: Ask, action: Action = Action.approve, **said: Any) -> dict[str, str]:
    with pytest.raises(InputErrors) as refused:
        ask.check(Answer(action=action, **said))
    return refused.value.by_field


@pytest.mark.parametrize(
    ("kind", "actions"),
    [
        (RequirementKind.confirmation, {"approve", "reject", "cancel"}),
        (RequirementKind.user_input, {"approve", "reject", "cancel"}),
        (RequirementKind.route, {"approve", "reject", "cancel"}),
        (RequirementKind.output_review, {"approve", "edit", "reject", "cancel"}),
        (RequirementKind.iteration_review, {"approve", "edit", "reject", "cancel"}),
        (RequirementKind.error, {"retry", "skip", "cancel"}),
    ],
)
def test_each_kind_has_its_verbs(kind: RequirementKind, actions: set[str]) -> None:
    assert set(an_ask(kind).actions) == actions


@pytest.mark.parametrize(
    ("kind", "action"),
    [
        (RequirementKind.confirmation, Action.edit),
        (RequirementKind.user_input, Action.retry),
        (RequirementKind.output_review, Action.skip),
        (RequirementKind.error, Action.approve),
    ],
)
def test_another_verb_is_refused_and_the_possible_ones_are_named(
    kind: RequirementKind, action: Action
) -> None:
    refusal = problems(an_ask(kind), action)["action"]
    assert f"'{action}'" in refusal
    assert all(verb in refusal for verb in an_ask(kind).actions)


def test_a_form_is_checked_when_it_is_approved() -> None:
    ask = an_ask(RequirementKind.user_input, fields=(ENVIRONMENT, REPLICAS))
    assert set(problems(ask, values={"env": "moon", "replicas": "3"})) == {"env", "replicas"}
    ask.check(Answer(action=Action.approve, values={"env": "staging", "replicas": 3}))


def test_a_form_that_is_rejected_need_not_be_filled_in() -> None:
    an_ask(RequirementKind.user_input, fields=(ENVIRONMENT,)).check(Answer(action=Action.reject))


def test_a_form_without_fields_takes_anything_but_nothing() -> None:
    ask = an_ask(RequirementKind.user_input)
    assert "values" in problems(ask)
    ask.check(Answer(action=Action.approve, values={"anything": "goes"}))


def test_a_form_of_optional_fields_may_stay_empty() -> None:
    an_ask(RequirementKind.user_input, fields=(REPLICAS,)).check(Answer(action=Action.approve))


def test_a_default_counts_as_filled_in() -> None:
    ask = an_ask(RequirementKind.user_input, fields=({"name": "env", "value": "staging"},))
    ask.check(Answer(action=Action.approve))


def a_route(**details: Any) -> Ask:
    return an_ask(RequirementKind.route, choices=({"name": "mail"}, {"name": "phone"}), **details)


@pytest.mark.parametrize("chosen", [(), ("pigeon",), ("mail", "pigeon"), ("mail", "phone")])
def test_a_route_is_one_of_the_choices(chosen: tuple[str, ...]) -> None:
    assert "choices" in problems(a_route(), choices=chosen)


def test_an_unknown_route_is_told_what_there_is() -> None:
    assert "mail, phone" in problems(a_route(), choices=("pigeon",))["choices"]


def test_several_routes_need_permission() -> None:
    a_route(allow_multiple=True).check(Answer(action=Action.approve, choices=("mail", "phone")))


@pytest.mark.parametrize("content", [float("nan"), object(), "\ud800", {1: "a"}])
def test_an_edit_that_cannot_be_kept_is_refused(content: Any) -> None:
    assert "content" in problems(an_ask(RequirementKind.output_review), Action.edit, content=content)


def test_values_that_cannot_be_kept_are_refused() -> None:
    assert "values" in problems(an_ask(RequirementKind.user_input), values={"share": float("inf")})


def test_a_question_comes_back_from_json_as_it_was() -> None:
    ask = an_ask(
        RequirementKind.output_review,
        fields=(ENVIRONMENT,),
        choices=({"name": "mail"},),
        on_reject=OnReject.retry,
        on_timeout=OnTimeout.reject,
        timeout=60,
        evidence=("deploy", "call:0.0.0"),
        error={"type": "ValueError", "message": "no"},
    )
    assert Ask.from_dict(json.loads(json.dumps(ask.to_dict()))) == ask


def test_a_bare_question_comes_back_too() -> None:
    assert Ask.from_dict(json.loads(json.dumps(an_ask().to_dict()))) == an_ask()
