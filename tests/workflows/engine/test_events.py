"""The order in which a run tells what happens (spec 3.12; StepSkipped and WorkflowPaused are ours)."""

from typing import Any

from tests.workflows.engine.runs import Recorder, Run
from workflows import Condition, HumanReview, Loop, Parallel, Router, Step, Steps, Workflow

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


SURE = HumanReview(requires_confirmation=True)
A, B = Step("a", lambda _: "A"), Step("b", lambda _: "B")


def around(kind: str, *inside: str) -> list[str]:
    return [f"{kind}ExecutionStarted x", *inside, f"{kind}ExecutionCompleted x"]


RAN_A, RAN_B = ["StepStarted a", "StepCompleted a"], ["StepStarted b", "StepCompleted b"]
ROUND = ["LoopIterationStarted x", *RAN_A, "LoopIterationCompleted x"]


def told_after(item: object, *answers: tuple[str, dict[str, Any]]) -> list[str]:
    """What is told after the last of these answers."""
    run = Run(item)
    for action, said in answers:
        run.reload().answer(action, **said)
    return run.told


class TestConfirmedComposites:
    """Spec 3.12: StepPaused; then StepContinued, XExecutionStarted, ..., XExecutionCompleted."""

    def test_pausing(self) -> None:
        paused = ["WorkflowStarted", "StepPaused x", "WorkflowPaused"]
        assert Run(Loop([A], name="x", human_review=SURE)).told == paused
        assert Run(Condition([A], name="x", requires_confirmation=True)).told == paused
        assert Run(Router([A], lambda _: "a", name="x", human_review=SURE)).told == paused
        assert Run(Parallel(A, name="x", human_review=SURE)).told == paused

    def test_a_loop(self) -> None:
        loop = Loop([A], name="x", max_iterations=2, human_review=SURE)
        told = ["StepContinued x", *around("Loop", *ROUND, *ROUND), "WorkflowCompleted"]
        assert told_after(loop, ("approve", {})) == told

    def test_a_condition(self) -> None:
        condition = Condition([A], True, [B], name="x", requires_confirmation=True)
        told = ["StepContinued x", *around("Condition", *RAN_A), "WorkflowCompleted"]
        assert told_after(condition, ("approve", {})) == told

    def test_a_condition_that_takes_the_other_way_does_not_continue(self) -> None:
        condition = Condition([A], True, [B], name="x", requires_confirmation=True)
        told = [*around("Condition", *RAN_B), "WorkflowCompleted"]
        assert told_after(condition, ("reject", {})) == told

    def test_a_router(self) -> None:
        router = Router([A], lambda _: "a", name="x", human_review=SURE)
        told = ["StepContinued x", *around("Router", *RAN_A), "WorkflowCompleted"]
        assert told_after(router, ("approve", {})) == told

    def test_a_parallel(self) -> None:
        parallel = Parallel(A, name="x", human_review=SURE)
        told = ["StepContinued x", *around("Parallel", *RAN_A), "WorkflowCompleted"]
        assert told_after(parallel, ("approve", {})) == told

    def test_rejected_they_do_not_start(self) -> None:
        told = ["StepSkipped x", "WorkflowCompleted"]
        assert told_after(Loop([A], name="x", human_review=SURE), ("reject", {})) == told

    def test_cancelled_that_alone_is_told(self) -> None:
        loop = Loop([A], name="x", requires_confirmation=True, on_reject="cancel")
        assert told_after(loop, ("reject", {})) == ["WorkflowCancelled"]


class TestRoutes:
    def test_a_selection_has_a_pause_of_its_own_and_does_not_continue(self) -> None:
        router = Router([A, B], name="x", requires_user_input=True)
        assert Run(router).told == ["WorkflowStarted", "RouterPaused x", "WorkflowPaused"]
        told = [*around("Router", *RAN_B), "WorkflowCompleted"]
        assert told_after(router, ("approve", {"choices": ("b",)})) == told

    def test_sent_back_it_is_chosen_and_reviewed_again(self) -> None:
        review = HumanReview(requires_output_review=True, on_reject="retry")
        router = Router([A, B], lambda _: "a", name="x", human_review=review)
        reviewed = [*around("Router", *RAN_A), "StepOutputReview x", "WorkflowPaused"]
        assert Run(router).told == ["WorkflowStarted", *reviewed]
        assert told_after(router, ("reject", {})) == ["RouterPaused x", "WorkflowPaused"]
        assert told_after(router, ("reject", {}), ("approve", {"choices": ("a",)})) == reviewed

    def test_chosen_by_hand_after_a_no_it_does_not_continue(self) -> None:
        review = HumanReview(requires_confirmation=True, on_reject="retry")
        router = Router([A, B], lambda _: "a", name="x", human_review=review)
        told = told_after(router, ("reject", {}), ("approve", {"choices": ("b",)}))
        assert told == [*around("Router", *RAN_B), "WorkflowCompleted"]


def test_an_iteration_that_is_reviewed() -> None:
    review = HumanReview(requires_iteration_review=True, on_reject="retry")
    loop = Loop([A], name="x", max_iterations=3, human_review=review)
    waits = [*ROUND, "StepOutputReview x", "WorkflowPaused"]
    assert Run(loop).told == ["WorkflowStarted", "LoopExecutionStarted x", *waits]
    assert told_after(loop, ("reject", {})) == ["StepContinued x", *waits]
    assert told_after(loop, ("approve", {})) == ["LoopExecutionCompleted x", "WorkflowCompleted"]


def test_a_nested_workflow_is_a_step_around_its_steps() -> None:
    review = HumanReview(requires_output_review=True, on_reject="retry")
    nested = Step("x", workflow=Workflow(name="inner", steps=[A]), human_review=review)
    ran = ["StepStarted x", *RAN_A, "StepCompleted x", "StepOutputReview x", "WorkflowPaused"]
    assert Run(nested).told == ["WorkflowStarted", *ran]
    assert told_after(nested, ("reject", {})) == ["StepContinued x", *ran]


def test_several_pauses_of_a_parallel_are_told_before_the_run_pauses() -> None:
    gates = [Step(name, lambda _: 1, requires_confirmation=True) for name in "ab"]
    told = Run(Parallel(*gates, name="x")).told
    assert told[1:] == ["ParallelExecutionStarted x", "StepPaused a", "StepPaused b", "WorkflowPaused"]


def test_a_failure_that_a_condition_asks_about() -> None:
    bad = Step("a", Recorder().returning(BOOM, "A"), max_retries=0, on_error="fail")
    condition = Condition([bad], name="x", on_error="pause")
    run = Run(condition)
    assert run.told[-4:] == ["ConditionExecutionStarted x", "StepStarted a", "StepError x", "WorkflowPaused"]
    told = ["StepContinued a", *RAN_A, "ConditionExecutionCompleted x", "WorkflowCompleted"]
    assert run.reload().answer("retry").told == told
