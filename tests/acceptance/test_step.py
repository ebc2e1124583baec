"""Steps that ask before they run: a yes or no, or a form (W20-W38)."""

from typing import Any

import pytest

from tests.acceptance.acting import Log, Way, asked, kinds, results
from workflows import OnReject, Step, StepInput, UserInputField, Workflow
from workflows.db import AsyncSqliteDb, SqliteDb
from workflows.run import RunStatus, StepPausedEvent, WorkflowPausedEvent

FIELDS = [
    UserInputField("a", "int"),
    UserInputField("b", "str", description="Which", allowed_values=["x", "y"]),
    UserInputField("note", "str", required=False),
]


def pipeline(handle: SqliteDb, log: Log, **asks: Any) -> Workflow:
    """Fetch, process with a question before it, save."""
    process = Step("process", log.step("process"), **{"requires_confirmation": True} | asks)
    return Workflow(name="pipeline", db=handle, steps=[log.step("fetch"), process, log.step("save")])


def form(handle: SqliteDb, log: Log, schema: Any = FIELDS) -> Workflow:
    """Fetch, process with a form before it, save."""
    return pipeline(
        handle, log, requires_confirmation=False, requires_user_input=True, user_input_schema=schema
    )


def test_w20_a_run_pauses_before_the_step(handle: SqliteDb, log: Log, way: Way) -> None:
    run = way.run(pipeline(handle, log, confirmation_message="Go?"))
    assert run.is_paused
    assert (run.paused_step_index, run.paused_step_name, run.pause_kind) == (1, "process", "step")
    assert [r.confirmation_message for r in run.steps_requiring_confirmation] == ["Go?"]
    assert log.calls == ["fetch"]


def test_w21_a_yes_runs_the_step_and_the_rest_once(handle: SqliteDb, log: Log, way: Way) -> None:
    workflow = pipeline(handle, log)
    run = way.run(workflow)
    asked(run).confirm()
    done = way.resume(workflow, run)
    assert done.status is RunStatus.completed
    assert done.content == "save(process(fetch(x)))"
    assert list(results(done)) == log.calls == ["fetch", "process", "save"]


def test_w22_a_no_with_cancel_ends_the_run(handle: SqliteDb, log: Log, way: Way) -> None:
    workflow = pipeline(handle, log, on_reject=OnReject.cancel)
    run = way.run(workflow)
    asked(run).reject()
    done = way.resume(workflow, run)
    assert done.is_cancelled
    assert done.content == "Workflow cancelled: Step 'process' was rejected"
    assert log.calls == ["fetch"]


def test_w23_a_no_with_skip_goes_on_without_the_step(handle: SqliteDb, log: Log, way: Way) -> None:
    workflow = pipeline(handle, log, on_reject="skip")
    run = way.run(workflow)
    asked(run).reject()
    done = way.resume(workflow, run)
    assert done.status is RunStatus.completed
    assert results(done) == {"fetch": "fetch(x)", "save": "save(fetch(x))"}


async def test_w24_the_same_awaited_with_an_async_handle(handle: SqliteDb, log: Log) -> None:
    workflow = pipeline(AsyncSqliteDb(db_url=handle.url), log)
    run = await workflow.arun("x")
    asked(run).confirm()
    done = await workflow.acontinue_run(run)
    assert done.content == "save(process(fetch(x)))"


def test_w25_a_stream_says_that_it_pauses_and_goes_on(handle: SqliteDb, log: Log) -> None:
    workflow = pipeline(handle, log)
    events = list(workflow.run("x", stream=True, stream_events=True))
    assert kinds(events) == [
        "WorkflowStarted",
        "StepStarted fetch",
        "StepOutput fetch",
        "StepCompleted fetch",
        "StepPaused process",
        "WorkflowPaused",
    ]
    session = workflow.get_session()
    assert session
    assert session.runs[-1].is_paused
    asked(session.runs[-1]).confirm()
    assert kinds(workflow.continue_run(session.runs[-1], stream=True, stream_events=True)) == [
        "StepContinued process",
        "StepStarted process",
        "StepOutput process",
        "StepCompleted process",
        "StepStarted save",
        "StepOutput save",
        "StepCompleted save",
        "WorkflowCompleted",
    ]


def test_w25_the_pause_carries_its_requirements(handle: SqliteDb, log: Log) -> None:
    *_, paused, last = pipeline(handle, log, confirmation_message="Go?").run("x", stream=True)
    assert isinstance(paused, StepPausedEvent)
    assert isinstance(last, WorkflowPausedEvent)
    assert paused.is_paused
    assert (paused.requires_confirmation, paused.confirmation_message) == (True, "Go?")
    assert last.step_requirements
    assert last.step_requirements[0].step_name == "process"


def test_w25_a_no_that_skips_starts_with_the_next_step(handle: SqliteDb, log: Log) -> None:
    workflow = pipeline(handle, log)
    run = workflow.run("x")
    asked(run).reject()
    assert kinds(workflow.continue_run(run, stream=True, stream_events=True))[0] == "StepStarted save"


def test_w25_a_no_that_cancels_says_so_once(handle: SqliteDb, log: Log) -> None:
    workflow = pipeline(handle, log, on_reject="cancel")
    run = workflow.run("x")
    asked(run).reject()
    (event,) = workflow.continue_run(run, stream=True, stream_events=True)
    assert (event.event, event.reason) == (
        "WorkflowCancelled",
        "Workflow cancelled: Step 'process' was rejected",
    )
    assert event.content == event.reason


def test_w26_a_form_lists_its_fields_and_reaches_the_function(handle: SqliteDb, log: Log, way: Way) -> None:
    workflow = form(handle, log)
    run = way.run(workflow)
    (requirement,) = run.steps_requiring_user_input
    fields = requirement.user_input_schema or []
    assert [(f.name, f.field_type) for f in fields] == [("a", "int"), ("b", "str"), ("note", "str")]
    requirement.set_user_input(a=1, b="x")
    assert way.resume(workflow, run).status is RunStatus.completed
    assert (log.seen["process"].additional_data or {})["user_input"] == {"a": 1, "b": "x"}


def test_w26_an_agent_is_told_what_people_prefer(handle: SqliteDb) -> None:
    agent = FakeAgent()
    step = Step("ask", agent=agent, requires_user_input=True, user_input_schema=FIELDS)
    workflow = Workflow(name="agent", db=handle, steps=[step])
    run = workflow.run("Tell me")
    asked(run).set_user_input(a=1, b="x")
    workflow.continue_run(run)
    assert agent.told == "Tell me\n\nUser preferences:\n- a: 1\n- b: x"


class FakeAgent:
    """An agent that remembers what it was told."""

    name, told = "Fake", ""

    def run(self, message: str) -> Any:
        """Answer."""
        self.told = message
        return type("Run", (), {"content": "answer"})()


def test_w27_without_fields_anything_at_all_is_an_answer(handle: SqliteDb, log: Log) -> None:
    workflow = form(handle, log, schema=None)
    run = workflow.run("x")
    assert asked(run).needs_user_input
    asked(run).set_user_input(anything="goes")
    workflow.continue_run(run)
    assert (log.seen["process"].additional_data or {})["user_input"] == {"anything": "goes"}


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"a": None}, "Required field 'a' is missing or empty"),
        ({"a": "one"}, "Field 'a' expected int, got str"),
        ({"a": True}, "Field 'a' expected int, got bool"),
        ({"b": "z"}, r"Field 'b' value 'z' is not in allowed values: \['x', 'y'\]"),
    ],
    ids=str,
)
def test_w28_w29_what_does_not_fit_is_refused_at_once(
    handle: SqliteDb, log: Log, values: dict[str, Any], problem: str
) -> None:
    requirement = asked(form(handle, log).run("x"))
    with pytest.raises(ValueError, match=f"User input validation failed:\n  - {problem}"):
        requirement.set_user_input(**values)
    assert requirement.user_input is None


def test_w28_the_check_can_be_switched_off(handle: SqliteDb, log: Log) -> None:
    requirement = asked(form(handle, log).run("x"))
    requirement.set_user_input(validate=False, a="one", b="z")
    assert requirement.is_resolved


def test_w28_what_was_not_checked_is_refused_when_the_run_goes_on(handle: SqliteDb, log: Log) -> None:
    workflow = form(handle, log)
    run = workflow.run("x")
    asked(run).set_user_input(validate=False, a="one", b="x")
    with pytest.raises(ValueError, match="Field 'a' expected int, got str"):
        workflow.continue_run(run)
    assert workflow.get_run_output(run.run_id or "").is_paused  # type: ignore[union-attr]


def test_w29_an_int_is_fine_for_a_float(handle: SqliteDb, log: Log) -> None:
    requirement = asked(form(handle, log, [UserInputField("ratio", "float")]).run("x"))
    requirement.set_user_input(ratio=1)
    assert requirement.is_resolved


def test_w30_where_nothing_is_required_nothing_must_be_filled_in(handle: SqliteDb, log: Log) -> None:
    workflow = form(handle, log, [UserInputField("note", "str", required=False)])
    run = workflow.run("x")
    assert run.is_paused
    assert run.active_step_requirements == []
    assert workflow.continue_run(run).status is RunStatus.completed


def test_w31_a_form_may_be_filled_field_by_field(handle: SqliteDb, log: Log) -> None:
    workflow = form(handle, log)
    run = workflow.run("x")
    requirement = asked(run)
    filled: dict[str, Any] = {"a": 1, "b": "y", "note": "hi"}
    for name, value in filled.items():
        requirement.set_user_input(**{name: value})
    assert workflow.continue_run(run).status is RunStatus.completed


def test_w31_assigning_the_values_of_fields_is_an_answer(handle: SqliteDb, log: Log) -> None:
    workflow = form(handle, log)
    run = workflow.run("x")
    for field, value in zip(asked(run).user_input_schema or [], [1, "y"], strict=False):
        field.value = value
    workflow.continue_run(run)
    assert (log.seen["process"].additional_data or {})["user_input"] == {"a": 1, "b": "y"}


def test_w32_what_was_filled_in_is_seen_by_that_step_alone(handle: SqliteDb, log: Log) -> None:
    workflow = form(handle, log)
    run = workflow.run("x", additional_data={"kept": 1})
    asked(run).set_user_input(a=1, b="x")
    workflow.continue_run(run)
    assert log.seen["save"].additional_data == {"kept": 1}


def test_w33_without_an_answer_nothing_happens(handle: SqliteDb, log: Log, way: Way) -> None:
    workflow = pipeline(handle, log)
    run = way.run(workflow)
    with pytest.raises(
        ValueError, match=r"Cannot continue run - unresolved step requirements: \['process'\]"
    ):
        way.resume(workflow, run)
    asked(run).confirm()
    assert way.resume(workflow, run).status is RunStatus.completed


def test_w34_a_run_that_has_ended_is_not_continued(handle: SqliteDb, log: Log) -> None:
    workflow = Workflow(name="short", db=handle, steps=[log.step("fetch")])
    with pytest.raises(
        ValueError, match=r"Cannot continue a run that is not paused\. Current status: COMPLETED"
    ):
        workflow.continue_run(workflow.run("x"))


def test_w35_another_process_goes_on_by_ids_and_dicts(handle: SqliteDb, log: Log) -> None:
    run = pipeline(handle, log).run("x")
    asked(run).confirm()
    answered = [requirement.to_dict() for requirement in run.step_requirements or []]
    fresh = pipeline(handle, log)
    done = fresh.continue_run(run_id=run.run_id, session_id=run.session_id, step_requirements=answered)
    assert done.content == "save(process(fetch(x)))"
    assert log.calls == ["fetch", "process", "save"]


def test_w35_by_ids_and_objects(handle: SqliteDb, log: Log) -> None:
    run = pipeline(handle, log).run("x")
    asked(run).reject()
    done = pipeline(handle, log).continue_run(
        run_id=run.run_id, session_id=run.session_id, step_requirements=run.step_requirements
    )
    assert done.content == "save(fetch(x))"


def test_w36_a_run_that_is_not_there_is_not_found(handle: SqliteDb, log: Log) -> None:
    with pytest.raises(ValueError, match="Could not find run with id gone in session s"):
        pipeline(handle, log).continue_run(run_id="gone", session_id="s")


def test_w36_it_must_be_said_which_run(handle: SqliteDb, log: Log) -> None:
    with pytest.raises(
        ValueError, match=r"Either run_response or \(run_id and session_id\) must be provided"
    ):
        pipeline(handle, log).continue_run(run_id="only")


def test_w37_a_step_without_a_name_is_called_by_its_number(handle: SqliteDb) -> None:
    class Nameless:
        """A callable that has no name of its own."""

        def __call__(self, step_input: StepInput) -> str:
            return "done"

    nameless = Step(executor=Nameless(), requires_confirmation=True)
    nameless.name = None
    workflow = Workflow(name="nameless", db=handle, steps=[Step("first", Nameless()), nameless])
    assert asked(workflow.run("x")).step_name == "step_2"


def test_w38_a_definition_is_never_changed_by_its_runs(handle: SqliteDb, log: Log, way: Way) -> None:
    workflow = form(handle, log)
    for number in range(3):
        run = way.run(workflow)
        assert all(field.value is None for field in asked(run).user_input_schema or [])
        asked(run).set_user_input(a=number, b="x")
        assert way.resume(workflow, run).status is RunStatus.completed
        assert (log.seen["process"].additional_data or {})["user_input"]["a"] == number


def test_a_confirmation_and_a_form_are_one_question(handle: SqliteDb, log: Log) -> None:
    workflow = pipeline(handle, log, requires_user_input=True, user_input_schema=[UserInputField("a", "int")])
    run = workflow.run("x")
    requirement = asked(run)
    assert (requirement.needs_confirmation, requirement.needs_user_input) == (True, True)
    requirement.confirm()
    assert not requirement.is_resolved
    requirement.set_user_input(a=1)
    assert workflow.continue_run(run).status is RunStatus.completed


def test_a_form_can_be_refused(handle: SqliteDb, log: Log) -> None:
    workflow = form(handle, log)
    run = workflow.run("x")
    asked(run).reject()
    assert list(results(workflow.continue_run(run))) == ["fetch", "save"]
