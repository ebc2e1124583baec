"""The code of the pages runs as it stands, but for imports; what a sample leaves open is filled in here."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.docs.pages import FOLDER, perform, sample, samples
from tests.docs.samples import Sample, module
from tests.docs.scripts import a_flow, hands_on, let_deadlines_pass, names, says
from workflows import HumanReview, Loop, Router, Step, StepInput, StepOutput, Workflow
from workflows.db import SqliteDb
from workflows.run import StepPausedEvent, WorkflowRunOutput

pytestmark = [
    pytest.mark.skipif(not FOLDER.is_dir(), reason="the pages are not beside this checkout"),
    pytest.mark.usefixtures("folder"),
]

Script = dict[str, Any]


class Agent:
    """An agent without a model: it says its name, and what it was told."""

    def __init__(self, name: str) -> None:
        self.name = name

    def run(self, text: str) -> StepOutput:
        """Answer."""
        return StepOutput(content=f"{self.name} <{text}>")


@pytest.fixture
def script() -> Iterator[Script]:
    """Give the namespace of a script that runs samples."""
    with module("script") as namespace:
        yield namespace


def scripted(*answers: str) -> Callable[[str], str]:
    """An `input` that knows the answers; it runs out of them when it is asked too often."""
    remaining = iter(answers)
    return lambda prompt: next(remaining)


def answered(script: Script, workflow: Workflow, sample: Sample, input: Any = "input") -> WorkflowRunOutput:
    """The run after a sample has answered its first pause."""
    script["run_output"] = workflow.run(input)
    assert script["run_output"].is_paused
    perform(sample, script)
    run: WorkflowRunOutput = workflow.continue_run(script["run_output"])
    return run


def test_every_sample_that_concerns_workflows_is_found() -> None:
    assert [len(samples(number)) for number in ("000", "003", "004")] == [12, 8, 9]


# Page 000


def test_000_its_first_workflow_is_confirmed_and_ends(script: Script) -> None:
    script |= {f"{name}_agent": Agent(name) for name in ("fetch", "process", "save")}
    perform(sample("000", ""), script)
    run = script["run_output"]
    assert run.status == "COMPLETED"
    assert run.content == f"save <process <fetch <{run.input}>>>"


def test_000_both_databases_open_nothing_until_they_are_used(script: Script) -> None:
    script["the_rest"] = {"name": "left out", "steps": [says("done")]}
    perform(sample("000", "Requirements"), script)
    assert script["workflow"].db.url.startswith("postgresql://")


@pytest.mark.parametrize(("approves", "content"), [(True, "delete <input>"), (False, "No steps executed")])
def test_000_a_step_is_confirmed_or_rejected(script: Script, approves: bool, content: str) -> None:
    script |= {"delete_agent": Agent("delete"), "user_approves": lambda: approves}
    [step] = perform(sample("000", "Confirmation"), script)
    run = answered(script, a_flow(step), sample("000", "Confirmation", 1))
    assert (run.status, run.content) == ("COMPLETED", content)


def test_000_a_form_is_filled_in_field_by_field(script: Script, capsys: pytest.CaptureFixture[str]) -> None:
    values = {"format": "pdf", "include_charts": True}
    script |= {"report_agent": Agent("report"), "get_user_value": lambda name, kind: values[name]}
    [step] = perform(sample("000", "User Input"), script)
    run = answered(script, a_flow(step), sample("000", "User Input", 1))
    assert "format: pdf" in run.content
    assert "include_charts: true" in run.content
    assert capsys.readouterr().out == f"{step.user_input_message}\n"


def test_000_a_route_is_selected(script: Script, capsys: pytest.CaptureFixture[str]) -> None:
    script["the_rest"] = {"executor": says("analysed")}
    [router] = perform(sample("000", "Route Selection"), script)
    run = answered(script, a_flow(router), sample("000", "Route Selection", 1))
    assert names(run.step_results[0]) == ["deep_analysis"]
    assert capsys.readouterr().out == "['quick_analysis', 'deep_analysis']\n"


@pytest.mark.parametrize(("again", "content"), [(True, "ok"), (False, "Step skipped due to error: down")])
def test_000_a_failed_step_is_tried_again_or_skipped(
    script: Script, again: bool, content: str, capsys: pytest.CaptureFixture[str]
) -> None:
    tries = iter([ConnectionError("down")] * 4)

    def unreliable(step_input: StepInput) -> str:
        for failure in tries:
            raise failure
        return "ok"

    script |= {"unreliable_function": unreliable, "should_retry": lambda: again}
    [step] = perform(sample("000", "Error Handling"), script)
    run = answered(script, a_flow(step), sample("000", "Error Handling", 1))
    assert (run.status, run.content) == ("COMPLETED", content)
    assert capsys.readouterr().out == "Error: down\n"


def test_000_a_stream_shows_the_pause_and_the_session_has_the_run(script: Script) -> None:
    script["workflow"] = a_flow(Step("send", says("sent"), requires_confirmation=True))
    script["StepPausedEvent"] = StepPausedEvent
    perform(sample("000", "Streaming"), script)
    assert isinstance(script["event"].run_output, WorkflowRunOutput)
    assert script["run_output"].steps_requiring_confirmation[0].step_name == "send"


def test_000_a_function_says_itself_what_is_asked(script: Script) -> None:
    [step] = perform(sample("000", "The @pause Decorator"), script)
    workflow = a_flow(step)
    run = workflow.run()
    assert run.steps_requiring_user_input[0].user_input_message == step.user_input_message
    run.steps_requiring_user_input[0].set_user_input(threshold=0.5)
    assert workflow.continue_run(run).content.endswith(" 0.5")


# Page 001: what does not need a tool that pauses.


def test_001_a_stream_that_does_not_pause_completes(
    script: Script, capsys: pytest.CaptureFixture[str]
) -> None:
    script["workflow"] = a_flow(Step("get_weather", agent=Agent("weather")))
    perform(sample("001", "Streaming"), script)
    assert capsys.readouterr().out == "Done\n"
    assert script["run_output"].status == "COMPLETED"


def test_001_a_condition_runs_the_agent_of_its_branch(script: Script) -> None:
    script |= {"db": SqliteDb("workflow.db"), "analysis_agent": Agent("analysis")}
    script |= {"gather_data": says("data"), "quick_summary": says("short"), "generate_report": hands_on}
    perform(sample("001", "Composite Steps"), script)
    assert script["workflow"].run("numbers").content == "report on: analysis <data>"


# Page 003


@pytest.mark.parametrize("choice", ["quick", "deep", "custom"])
def test_003_a_person_chooses_the_analysis(
    script: Script, choice: str, capsys: pytest.CaptureFixture[str]
) -> None:
    script |= {"prepare_data": says("data"), "generate_report": hands_on, "input": scripted(choice)}
    perform(sample("003", "User Selection"), script)
    run = script["run_output"]
    assert run.status == "COMPLETED"
    assert run.content.startswith(f"report on: {choice.title()} ")
    assert capsys.readouterr().out.splitlines()[:3] == [
        "Router: analysis_router",
        f"Message: {run.step_requirements[0].user_input_message}",
        "Options: ['quick', 'deep', 'custom']",
    ]


def test_003_several_routes_run_in_the_order_of_the_choices(script: Script) -> None:
    work = ("clean", "validate", "enrich", "transform")
    script |= {f"{name}_data": says(name) for name in work}
    script["input"] = scripted("transform, clean , validate")
    [router] = perform(sample("003", "Multiple Selection"), script)
    run = answered(script, a_flow(router), sample("003", "Multiple Selection", 1))
    assert names(run.step_results[0]) == ["clean", "validate", "transform"]


@pytest.mark.parametrize(
    ("text", "route"),
    [
        ("It is URGENT", "urgent_handler"),
        ("A billing matter", "billing_handler"),
        ("Hello", "general_handler"),
    ],
)
def test_003_the_proposed_route_is_confirmed(script: Script, text: str, route: str) -> None:
    script |= {f"handle_{kind}": says(kind) for kind in ("urgent", "billing", "general")}
    script["input"] = scripted("Y")
    [router] = perform(sample("003", "Confirmation Mode"), script)
    run = answered(script, a_flow(says(text), router), sample("003", "Confirmation Mode", 1))
    assert names(run.step_results[1]) == [route]
    assert run.step_requirements
    assert run.step_requirements[0].proposed_choices == [route]


def test_003_a_rejected_route_is_skipped(script: Script) -> None:
    script |= {f"handle_{kind}": says(kind) for kind in ("urgent", "billing", "general")}
    script["input"] = scripted("n")
    [router] = perform(sample("003", "Confirmation Mode"), script)
    run = answered(script, a_flow(says("text"), router), sample("003", "Confirmation Mode", 1))
    assert (run.status, run.content) == ("COMPLETED", "text")


def test_003_a_reviewer_sends_the_output_another_way(
    script: Script, capsys: pytest.CaptureFixture[str]
) -> None:
    script |= {f"{name}_analysis": says(f"{name} result") for name in ("quick", "deep", "custom")}
    script |= {"generate_report": hands_on, "input": scripted("no", "deep", "no", "custom", "yes")}
    perform(sample("003", "Output Review"), script)
    run = script["run_output"]
    assert (run.status, run.content) == ("COMPLETED", "report on: custom result")
    reviewed = [asked for asked in run.step_requirements if asked.requires_output_review]
    assert [asked.step_output.deepest for asked in reviewed] == [
        "quick result",
        "deep result",
        "custom result",
    ]
    assert capsys.readouterr().out.count("Available routes: ['quick', 'deep', 'custom']\n") == 3


def test_003_the_re_routes_are_limited(script: Script) -> None:
    script |= {f"{name}_analysis": says(f"{name} result") for name in ("quick", "deep", "custom")}
    script |= {"generate_report": hands_on, "input": scripted(*["no", "deep"] * 5, "no")}
    perform(sample("003", "Output Review"), script)
    assert script["run_output"].status == "CANCELLED"
    assert script["run_output"].content == "Max retries (5) reached for step 'analysis_router'"


def test_003_silence_approves_the_route(script: Script) -> None:
    script["some_steps"] = [Step("slow", says("slow")), Step("fast", says("fast"))]
    script["select_route"] = lambda step_input: "fast"
    [router] = perform(sample("003", "Timeout"), script)
    workflow = a_flow(router)
    run = workflow.run()
    deadline = run.step_requirements[0].timeout_at
    assert timedelta(seconds=50) < deadline - datetime.now(UTC) <= timedelta(seconds=60)
    let_deadlines_pass(workflow)
    assert workflow.continue_run(run).content == "fast"


def test_003_a_stream_is_answered_until_it_is_done(
    script: Script, capsys: pytest.CaptureFixture[str]
) -> None:
    router = Router(
        name="way", choices=[Step("a", says("a")), Step("b", says("b"))], requires_user_input=True
    )
    script["workflow"] = a_flow(router, says("between"), router)
    perform(sample("003", "Streaming"), script)
    run = script["run_output"]
    assert (run.status, run.content) == ("COMPLETED", "a")
    assert capsys.readouterr().out == "Paused at router: way\n"


# Page 004


def test_004_flat_parameters_say_the_same(script: Script) -> None:
    script["draft_agent"] = Agent("draft")
    [together], [flat] = (perform(found, script) for found in samples("004")[:2])
    differing = {
        name: value
        for name, value in together.human_review.to_dict().items()
        if value != flat.human_review.to_dict()[name]
    }
    assert differing == {"on_error": None}  # "not set", which flat is written as what it means: skip


def test_004_a_draft_is_sent_back_three_times_at_most(script: Script) -> None:
    script["draft_agent"] = Agent("draft")
    [step] = perform(samples("004")[0], script)
    workflow = a_flow(step)
    run = workflow.run("write")
    for times in range(4):
        assert run.steps_requiring_output_review[0].retry_count == times
        run.steps_requiring_output_review[0].reject(f"feedback {times}")
        run = workflow.continue_run(run)
    assert (run.status, run.content) == ("CANCELLED", "Max retries (3) reached for step 'draft_email'")


def test_004_silence_approves_the_draft(script: Script) -> None:
    script["draft_agent"] = Agent("draft")
    [step] = perform(samples("004")[0], script)
    workflow = a_flow(step)
    run = workflow.run("write")
    let_deadlines_pass(workflow)
    assert workflow.continue_run(run).content == "draft <write>"


def test_004_what_a_component_does_not_support_is_refused_in_these_words(script: Script) -> None:
    found = sample("004", "Supported Fields by Component")
    said = [line.removeprefix("# ") for line in found.code.splitlines() if line.startswith("# ")]
    expected = " ".join(said).partition("ValueError: ")[2]
    script["some_steps"] = [says("x")]
    with pytest.raises(ValueError, match="not supported") as refused:
        perform(found, script)
    assert str(refused.value) == expected


def test_004_a_confirmation_that_is_rejected_cancels(script: Script) -> None:
    [review] = perform(sample("004", "Pre-execution: Confirmation"), script)
    workflow = a_flow(Step("delete", says("deleted"), human_review=review))
    run = workflow.run()
    assert run.steps_requiring_confirmation[0].confirmation_message == review.confirmation_message
    run.steps_requiring_confirmation[0].reject()
    assert workflow.continue_run(run).is_cancelled


def test_004_a_form_needs_only_what_is_required(script: Script) -> None:
    [review] = perform(sample("004", "Pre-execution: User Input"), script)
    seen: list[Any] = []
    step = Step("report", lambda step_input: seen.append(step_input.additional_data), human_review=review)
    workflow = a_flow(step)
    run = workflow.run()
    run.steps_requiring_user_input[0].set_user_input(format="pdf")
    assert workflow.continue_run(run).status == "COMPLETED"
    assert seen == [{"user_input": {"format": "pdf"}}]


@pytest.mark.parametrize("kind", [Step, Router])
def test_004_an_output_is_reviewed_on_both_that_support_it(script: Script, kind: type) -> None:
    [review] = perform(sample("004", "Post-execution: Output Review"), script)
    made: dict[type, Any] = {
        Step: lambda: Step("report", says("report"), human_review=review),
        Router: lambda: Router([Step("a", says("report"))], lambda step_input: "a", human_review=review),
    }
    workflow = a_flow(made[kind]())
    run = workflow.run()
    assert run.steps_requiring_output_review[0].output_review_message == review.output_review_message
    run.steps_requiring_output_review[0].edit("a better report")
    assert workflow.continue_run(run).content == "a better report"


def test_004_an_iteration_is_reviewed_and_sent_back(script: Script) -> None:
    [review] = perform(sample("004", "Per-iteration: Iteration Review"), script)
    workflow = a_flow(Loop([says("text")], name="loop", human_review=review, max_iterations=5))
    run = workflow.run()
    for _ in range(2):
        assert run.steps_requiring_output_review[0].confirmation_message == review.iteration_review_message
        run.steps_requiring_output_review[0].reject()
        run = workflow.continue_run(run)
    run.steps_requiring_output_review[0].confirm()
    assert len(workflow.continue_run(run).step_results[0].steps) == 3


def test_004_silence_approves_a_deployment(script: Script) -> None:
    [review] = perform(sample("004", "Timeout"), script)
    workflow = a_flow(Step("deploy", says("deployed"), human_review=review))
    run = workflow.run()
    let_deadlines_pass(workflow)
    assert workflow.continue_run(run).content == "deployed"


def test_004_a_review_is_written_and_read_again(script: Script) -> None:
    perform(sample("004", "Serialization"), script)
    data = script["data"]
    assert {"requires_confirmation", "confirmation_message", "timeout"} <= data.keys()
    assert script["restored"] == script["config"] == HumanReview.from_dict(json.loads(json.dumps(data)))
