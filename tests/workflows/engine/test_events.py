"""The order in which a run tells what happens (spec 3.12; StepSkipped and WorkflowPaused are ours)."""

from typing import Any

from tests.workflows.engine.runs import Recorder, Run
from workflows import Step, Steps

BOOM = ValueError("boom")


def a_then(*results: Any, **review: Any) -> Run:
    work = Recorder()
    return Run(
        Step("a", work.returning("A")),
        Step("b", work.returning(*(results or ("B",))), max_retries=0, **review),
        Step("c", work.returning("C")),
    )


BEFORE_B = ["WorkflowStarted", "StepStarted a", "StepCompleted a"]
AFTER_B = ["StepStarted c", "StepCompleted c", "WorkflowCompleted"]


def test_a_confirmation() -> None:
    run = a_then(requires_confirmation=True)
    assert run.told == [*BEFORE_B, "StepPaused b", "WorkflowPaused"]
    run.answer("approve")
    assert run.told == ["StepContinued b", "StepStarted b", "StepCompleted b", *AFTER_B]


def test_a_confirmation_that_is_rejected() -> None:
    assert a_then(requires_confirmation=True).answer("reject").told == ["StepSkipped b", *AFTER_B]


def test_a_confirmation_that_is_asked_again() -> None:
    run = a_then(requires_confirmation=True, on_reject="retry").answer("reject")
    assert run.told == ["StepPaused b", "WorkflowPaused"]


def test_a_cancel_is_told_once() -> None:
    run = a_then(requires_confirmation=True, on_reject="cancel").answer("reject")
    assert run.told == ["WorkflowCancelled"]
    assert run.store.events[-1].data == {"reason": "Workflow cancelled: Step 'b' was rejected"}


def test_an_output_review() -> None:
    run = a_then(requires_output_review=True, on_reject="retry")
    assert run.told == [
        *BEFORE_B,
        "StepStarted b",
        "StepCompleted b",
        "StepOutputReview b",
        "WorkflowPaused",
    ]
    run.answer("reject")
    again = [
        "StepContinued b",
        "StepStarted b",
        "StepCompleted b",
        "StepOutputReview b",
        "WorkflowPaused",
    ]
    assert run.told == again
    assert run.answer("approve").told == AFTER_B


def test_a_limit_that_is_reached() -> None:
    run = a_then(requires_output_review=True, on_reject="retry", hitl_max_retries=0).answer("reject")
    assert run.told == ["WorkflowCancelled"]


def test_an_error_that_people_are_asked_about() -> None:
    run = a_then(BOOM, on_error="pause")
    assert run.told == [*BEFORE_B, "StepStarted b", "StepError b", "WorkflowPaused"]
    assert run.answer("retry").told == ["StepContinued b", "StepStarted b", "StepError b", "WorkflowPaused"]
    assert run.answer("skip").told == AFTER_B


def test_an_error_that_ends_the_run() -> None:
    run = a_then(BOOM, on_error="fail")
    assert run.told == [*BEFORE_B, "StepStarted b", "StepCompleted b", "WorkflowError"]
    assert run.store.events[-1].data == {"error": "Step 'b' failed: boom"}


def test_the_programs_own_tries_are_one_step() -> None:
    run = Run(Step("a", Recorder().returning(BOOM, BOOM, "A")))
    assert run.told == [
        "WorkflowStarted",
        "StepStarted a",
        "StepCompleted a",
        "WorkflowCompleted",
    ]


def test_a_group() -> None:
    run = Run(Steps("g", steps=[Step("a", Recorder().returning(1))], requires_confirmation=True))
    assert run.told == ["WorkflowStarted", "StepPaused g", "WorkflowPaused"]
    run.answer("approve")
    around = ["StepContinued g", "StepsExecutionStarted g", "StepStarted a", "StepCompleted a"]
    assert run.told == [*around, "StepsExecutionCompleted g", "WorkflowCompleted"]


def test_a_group_that_pauses_inside_starts_once() -> None:
    run = Run(Steps("g", steps=[Step("a", Recorder().returning(1), requires_confirmation=True)]))
    run.reload().answer("approve")
    assert [event.type for event in run.store.events].count("StepsExecutionStarted") == 1


def test_a_process_that_starts_anew_tells_nothing_twice() -> None:
    run = a_then(requires_confirmation=True).reload()
    assert run.drive().told == ["WorkflowPaused"]


def test_an_event_says_where() -> None:
    run = Run(Steps("g", steps=[lambda _: 0, Step("a/b", lambda _: 1)]))
    (event,) = [
        event for event in run.store.events if event.step_name == "a/b" and event.type == "StepStarted"
    ]
    assert (event.path, event.step_index) == ("g/a%2Fb", 1)
