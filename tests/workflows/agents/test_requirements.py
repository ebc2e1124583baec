"""RunRequirement: what scripts answer, at which level and how often (spec 2.8, 2.9; A5, A7, A10, A11, A18)."""

from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import pytest

from workflows.agents.requirements import (
    RunRequirement,
    ToolExecution,
    UserFeedbackOption,
    UserFeedbackQuestion,
    UserInputField,
)
from workflows.engine.needs import Ask
from workflows.types import Action, Answer, RequirementKind

LONG_AGO = datetime(2024, 1, 2, tzinfo=UTC)


def confirmation(**settings: Any) -> RunRequirement:
    call = ToolExecution(
        tool_name="weather", tool_args={"city": "Tokyo"}, requires_confirmation=True, **settings
    )
    return RunRequirement(tool_execution=call)


def form() -> RunRequirement:
    fields = [
        UserInputField("amount", float, value=5.0, of_model=True),
        UserInputField("to", str),
        UserInputField("note"),
    ]
    return RunRequirement(ToolExecution(requires_user_input=True, user_input_schema=fields))


def external(**settings: Any) -> RunRequirement:
    return RunRequirement(ToolExecution(tool_name="query", external_execution_required=True, **settings))


def feedback() -> RunRequirement:
    options = [UserFeedbackOption("Red"), UserFeedbackOption("Blue")]
    questions = [
        UserFeedbackQuestion("Which colour?", options=options),
        UserFeedbackQuestion(
            "Which sizes?", options=[UserFeedbackOption("S"), UserFeedbackOption("L")], multi_select=True
        ),
    ]
    return RunRequirement(ToolExecution(user_feedback_schema=questions))


def ask(kind: RequirementKind, **tool: Any) -> Ask:
    about: dict[str, Any] = {
        "name": "weather",
        "args": {"city": "Tokyo"},
        "call_id": "c1",
        "fields": [],
        "questions": [],
        "member": None,
    }
    return Ask(
        path="0:a/0.0:weather", key="gate", kind=kind, step_name="a", step_type="Step", tool=about | tool
    )


# Confirmation.


def test_confirm_says_yes_at_both_levels() -> None:
    requirement = confirmation()
    assert requirement.needs_confirmation
    requirement.confirm()
    assert (requirement.confirmation, requirement.tool_execution.confirmed) == (True, True)
    assert requirement.is_resolved()
    assert requirement.answer() == Answer(action=Action.approve)


def test_reject_carries_its_note_to_both_levels() -> None:
    requirement = confirmation()
    requirement.reject(note="User declined")
    assert requirement.tool_execution.confirmation_note == "User declined"
    assert not requirement.needs_confirmation
    assert requirement.answer() == Answer(action=Action.reject, feedback="User declined")


def test_nothing_is_answered_before_somebody_answers() -> None:
    assert [made().answer() for made in (confirmation, form, external, feedback)] == [None] * 4
    assert [made().answered_at for made in (confirmation, form, external, feedback)] == [None] * 4


def test_a_second_yes_changes_nothing() -> None:
    requirement = confirmation()
    requirement.confirm()
    at = requirement.answered_at
    requirement.confirm()
    assert requirement.answered_at == at


def test_a_no_is_not_turned_into_a_yes_in_passing() -> None:
    requirement = confirmation()
    requirement.reject()
    with pytest.raises(ValueError, match="already rejected"):
        requirement.confirm()


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda r: r.confirm(), "confirmation"),
        (lambda r: r.reject(), "confirmation"),
        (lambda r: r.edit({}), "confirmation"),
        (lambda r: r.provide_user_input({}), "user input"),
        (lambda r: r.provide_user_feedback({}), "user feedback"),
        (lambda r: r.set_external_execution_result("x"), "external execution"),
    ],
)
def test_it_refuses_an_answer_to_what_is_not_asked(act: Any, words: str) -> None:
    with pytest.raises(ValueError, match=f"^This requirement does not require {words}$"):
        act(RunRequirement(ToolExecution(tool_name="free")))


def test_without_any_flag_it_is_resolved_and_says_nothing() -> None:
    requirement = RunRequirement(ToolExecution(tool_name="free"))
    assert requirement.is_resolved()
    assert requirement.answer() is None


def test_the_last_word_counts_at_whichever_level() -> None:
    requirement = confirmation()
    requirement.confirm()
    requirement.tool_execution.confirmed = False
    assert requirement.answer() == Answer(action=Action.reject)
    requirement.confirmation = True
    assert requirement.answer() == Answer(action=Action.approve)


def test_edited_arguments_are_what_is_used() -> None:
    requirement = confirmation()
    requirement.edit({"city": "Kyoto"})
    assert requirement.answer() == Answer(action=Action.edit, content={"city": "Kyoto"})


def test_arguments_changed_by_hand_are_edited_ones() -> None:
    requirement = confirmation()
    assert requirement.tool_execution.tool_args is not None
    requirement.tool_execution.tool_args["city"] = "Kyoto"
    requirement.confirm()
    assert requirement.answer() == Answer(action=Action.edit, content={"city": "Kyoto"})


# Forms.


def test_a_form_is_filled_in_bit_by_bit() -> None:
    requirement = form()
    requirement.provide_user_input({"to": "requester", "nonsense": 1})
    assert requirement.needs_user_input
    requirement.provide_user_input({"note": "hello"})
    assert requirement.tool_execution.answered
    assert requirement.answer() == Answer(
        action=Action.approve, values={"amount": 5.0, "to": "requester", "note": "hello"}
    )


def test_a_form_is_filled_in_by_assignment() -> None:
    requirement = form()
    for field in requirement.user_input_schema or ():
        if field.value is None:
            field.value = "x"
    assert requirement.is_resolved()
    assert requirement.answered_at is not None


def test_what_is_optional_may_stay_empty() -> None:
    fields = [UserInputField("to"), UserInputField("note", required=False)]
    requirement = RunRequirement(ToolExecution(requires_user_input=True, user_input_schema=fields))
    requirement.provide_user_input({"to": "requester"})
    assert requirement.answer() == Answer(action=Action.approve, values={"to": "requester"})


def test_a_form_that_the_model_filled_in_alone_is_not_answered() -> None:
    fields = [UserInputField("to", value="x", of_model=True)]
    requirement = RunRequirement(ToolExecution(requires_user_input=True, user_input_schema=fields))
    assert requirement.needs_user_input
    requirement.provide_user_input({})
    assert requirement.is_resolved()


@pytest.mark.parametrize("made", [form, external, feedback])
def test_anything_can_be_declined(made: Any) -> None:
    requirement = made()
    requirement.decline("not today")
    assert requirement.is_resolved()
    assert requirement.answer() == Answer(action=Action.reject, feedback="not today")


def test_a_forms_types_travel_as_names() -> None:
    field = UserInputField.from_dict(UserInputField("n", int, "how many").to_dict())
    assert (field.field_type, field.description) == (int, "how many")
    assert UserInputField.from_dict({"name": "n", "field_type": "Money"}).field_type is str


# Execution elsewhere.


@pytest.mark.parametrize("result", ["3 rows", ""])
def test_a_result_resolves_it_even_an_empty_one(result: str) -> None:
    requirement = external()
    assert requirement.needs_external_execution
    requirement.set_external_execution_result(result)
    assert requirement.tool_execution.result == result
    assert requirement.answer() == Answer(action=Action.approve, content=result)


def test_a_result_assigned_to_the_call_resolves_it() -> None:
    requirement = external()
    requirement.tool_execution.result = "3 rows"
    assert not requirement.needs_external_execution
    assert requirement.answer() == Answer(action=Action.approve, content="3 rows")


def test_page_002_has_names_of_its_own() -> None:
    requirement = external(external_execution_silent=True)
    assert requirement.tool.tool_name == "query"
    assert requirement.is_external_tool_execution
    assert requirement.external_execution_silent


# Questions.


def test_questions_are_answered_by_labels() -> None:
    requirement = feedback()
    requirement.provide_user_feedback({"Which colour?": ["Red"], "nonsense": ["x"]})
    assert requirement.needs_user_feedback
    requirement.provide_user_feedback({"Which sizes?": ["S", "L"]})
    assert requirement.tool_execution.answered
    assert requirement.answer() == Answer(
        action=Action.approve, values={"Which colour?": ["Red"], "Which sizes?": ["S", "L"]}
    )


def test_questions_are_answered_at_their_options() -> None:
    requirement = feedback()
    for question in requirement.user_feedback_schema or ():
        (question.options or [])[0].selected = True
    answer = requirement.answer()
    assert answer is not None
    assert answer.values == {"Which colour?": ["Red"], "Which sizes?": ["S"]}
    assert requirement.answered_at is not None


@pytest.mark.parametrize("labels", [["Green"], ["Red", "Blue"]])
def test_it_refuses_labels_that_do_not_fit(labels: list[str]) -> None:
    with pytest.raises(ValueError, match="Which colour"):
        feedback().provide_user_feedback({"Which colour?": labels})


@pytest.mark.parametrize(
    ("made", "kind"),
    [
        (confirmation, "confirmation"),
        (form, "user_input"),
        (external, "external_execution"),
        (feedback, "user_feedback"),
    ],
)
def test_it_says_what_is_asked(made: Any, kind: str) -> None:
    requirement = made()
    assert requirement.pause_type == kind
    assert requirement.tool_execution.is_paused


# As if it were a dict.


def test_it_is_answered_as_if_it_were_a_dict() -> None:
    requirement = confirmation()
    assert not issubclass(RunRequirement, dict)
    assert "tool_execution" in requirement
    assert "confirmation" not in requirement
    requirement["confirmation"] = True
    assert requirement.get("tool_execution", {})["confirmed"] is True
    assert requirement.answer() == Answer(action=Action.approve)


def test_its_call_is_answered_as_if_it_were_a_dict() -> None:
    requirement = confirmation()
    requirement["tool_execution"]["confirmed"] = True
    assert requirement.is_resolved()
    assert requirement.get("nonsense", "default") == "default"
    with pytest.raises(KeyError):
        requirement["nonsense"] = 1


def test_a_form_may_be_put_in_place_as_data() -> None:
    requirement = form()
    requirement["user_input_schema"] = [{"name": "to", "field_type": "str", "value": "requester"}]
    assert requirement.answer() == Answer(action=Action.approve, values={"to": "requester"})


# As data (A11).


def dicts(call: dict[str, Any], **upper: Any) -> RunRequirement:
    return RunRequirement.from_dict({"id": "r", "tool_execution": {"tool_name": "t", **call}, **upper})


def test_a_yes_flows_down() -> None:
    requirement = dicts({"requires_confirmation": True}, confirmation=True)
    assert requirement.tool_execution.confirmed is True


def test_a_no_flows_down_with_its_note() -> None:
    requirement = dicts({"requires_confirmation": True}, confirmation=False, confirmation_note="no")
    assert (requirement.tool_execution.confirmed, requirement.tool_execution.confirmation_note) == (
        False,
        "no",
    )


def test_what_the_call_says_itself_wins() -> None:
    requirement = dicts({"requires_confirmation": True, "confirmed": False}, confirmation=True)
    assert requirement.answer() == Answer(action=Action.reject)


def test_nothing_said_leaves_it_open() -> None:
    requirement = dicts({"requires_confirmation": True})
    assert requirement.tool_execution.confirmed is None
    assert requirement.needs_confirmation


def test_a_result_flows_down() -> None:
    requirement = dicts({"external_execution_required": True}, external_execution_result="")
    assert requirement.tool_execution.result == ""


FORM: list[dict[str, Any]] = [
    {"name": "amount", "field_type": "float", "value": 5.0},
    {"name": "to", "field_type": "str", "value": None},
]


def test_a_filled_in_form_flows_down() -> None:
    filled = [FORM[0], FORM[1] | {"value": "requester"}]
    requirement = dicts({"requires_user_input": True, "user_input_schema": FORM}, user_input_schema=filled)
    assert requirement.tool_execution.answered is True
    assert requirement.answer() == Answer(action=Action.approve, values={"amount": 5.0, "to": "requester"})


def test_a_half_filled_form_is_not_answered() -> None:
    more = [*FORM, {"name": "note", "field_type": "str", "value": None}]
    filled = [FORM[0], FORM[1] | {"value": "requester"}]
    requirement = dicts({"requires_user_input": True, "user_input_schema": more}, user_input_schema=filled)
    assert requirement.tool_execution.answered is None
    assert requirement.needs_user_input


def test_a_form_filled_in_at_both_levels_is_the_models() -> None:
    filled = [FORM[0], FORM[1] | {"value": "x"}]
    requirement = dicts({"requires_user_input": True, "user_input_schema": filled}, user_input_schema=filled)
    assert requirement.tool_execution.answered is None
    assert requirement.needs_user_input


@pytest.mark.parametrize(
    ("made", "act"),
    [
        (confirmation, lambda r: r.edit({"city": "Kyoto"})),
        (form, lambda r: r.provide_user_input({"to": "a", "note": "b"})),
        (form, lambda r: [f.__setitem__("value", "x") for f in r.user_input_schema]),
        (external, lambda r: r.set_external_execution_result("")),
        (feedback, lambda r: r.provide_user_feedback({"Which colour?": ["Red"], "Which sizes?": ["S"]})),
    ],
)
def test_an_answer_survives_as_data(made: Any, act: Any) -> None:
    requirement = made()
    act(requirement)
    again = RunRequirement.from_dict(requirement.to_dict())
    assert again.answer() == requirement.answer()
    assert (again.id, again.created_at, again.answered_at) == (
        requirement.id,
        requirement.created_at,
        requirement.answered_at,
    )


def test_a_copy_is_answered_alone() -> None:
    requirement = form()
    copied = deepcopy(requirement)
    copied.provide_user_input({"to": "a", "note": "b"})
    assert copied.is_resolved()
    assert requirement.needs_user_input
    assert requirement.answered_at is None


# As the engine asked it.


def test_it_shows_what_the_engine_asks() -> None:
    member = {"id": "m", "name": "Member", "run_id": "run"}
    requirement = RunRequirement.of(
        ask(RequirementKind.tool_confirmation, approval="required", member=member)
    )
    assert requirement.id == "0:a/0.0:weather#gate"
    assert requirement.tool_execution.tool_args == {"city": "Tokyo"}
    assert requirement.tool_execution.approval_type == "required"
    assert (requirement.member_agent_id, requirement.member_run_id) == ("m", "run")
    assert requirement.needs_confirmation


def test_it_shows_a_form_of_the_engines() -> None:
    field = {
        "name": "to",
        "field_type": "int",
        "description": "Whom",
        "value": None,
        "required": True,
        "of_model": False,
    }
    requirement = RunRequirement.of(ask(RequirementKind.tool_input, fields=[field]))
    shown = (requirement.user_input_schema or [])[0]
    assert (shown.name, shown.field_type, shown.description) == ("to", int, "Whom")


def test_an_answered_one_says_what_was_answered_and_when() -> None:
    answer = Answer(action=Action.reject, feedback="no")
    requirement = RunRequirement.of(ask(RequirementKind.external_execution), answer, LONG_AGO)
    assert requirement.is_resolved()
    assert requirement.confirmation_note == "no"
    assert (requirement.answer(), requirement.answered_at) == (answer, LONG_AGO)


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        (RequirementKind.tool_confirmation, Answer(action=Action.approve)),
        (RequirementKind.tool_confirmation, Answer(action=Action.edit, content={"city": "Kyoto"})),
        (RequirementKind.tool_confirmation, Answer(action=Action.cancel)),
        (RequirementKind.tool_input, Answer(action=Action.approve, values={"to": 1})),
        (RequirementKind.external_execution, Answer(action=Action.approve, content="")),
        (RequirementKind.feedback, Answer(action=Action.approve, values={"Which?": ["A"]})),
    ],
)
def test_history_takes_every_method_and_stays_as_it_is(kind: RequirementKind, answer: Answer) -> None:
    fields = [{"name": "to", "field_type": "int", "value": None}]
    questions = [{"question": "Which?", "options": [{"label": "A"}, {"label": "B"}]}]
    requirement = RunRequirement.of(ask(kind, fields=fields, questions=questions), answer, LONG_AGO)
    requirement.confirm()
    requirement.reject("no")
    requirement.provide_user_input({"to": 2})
    requirement.set_external_execution_result("other")
    assert requirement.is_resolved()
    assert (requirement.answer(), requirement.answered_at) == (answer, LONG_AGO)
