"""What a step reads and gives back (spec 2.6, 2.7)."""

import json

from workflows import StepInput, StepOutput


def composite(name: str, *inner: StepOutput) -> StepOutput:
    """The output of a group."""
    return StepOutput(content=f"Steps {name} completed", step_name=name, step_type="Steps", steps=list(inner))


DRAFT = StepOutput(content="draft", step_name="draft", step_type="Step")
FINAL = StepOutput(content="final", step_name="final", step_type="Step")
WRITE = composite("write", DRAFT, composite("polish", FINAL))
GIVEN = StepInput(
    input={"topic": "bees"},
    previous_step_content="final",
    previous_step_outputs={"draft": StepOutput(content="outer draft"), "write": WRITE},
    additional_data={"user_input": {"n": 1}},
    images=["a.png"],
)


def test_the_deepest_content_is_that_of_the_last_inside() -> None:
    assert WRITE.deepest == "final"
    assert composite("empty").deepest == "Steps empty completed"


def test_a_falsy_content_inside_is_the_deepest() -> None:
    assert composite("write", StepOutput(content=0)).deepest == 0


def test_an_output_comes_back_from_json_with_what_is_inside() -> None:
    assert StepOutput.from_dict(json.loads(json.dumps(WRITE.to_dict()))) == WRITE


def test_an_output_says_only_what_is_set() -> None:
    data = StepOutput(content=0, stop=True).to_dict()
    assert data == {"content": 0, "stop": True, "success": True, "is_paused": False}


def test_a_name_of_its_own_is_kept() -> None:
    assert StepOutput(step_name="mine").named("yours", "Step").step_name == "mine"


def test_a_step_is_found_by_name_the_nearest_first() -> None:
    assert GIVEN.get_step_content("draft") == "outer draft"


def test_a_step_is_found_inside_composites_at_any_depth() -> None:
    assert GIVEN.get_step_output("final") is FINAL
    assert GIVEN.get_step_content("polish") == "final"


def test_what_never_ran_is_none() -> None:
    assert GIVEN.get_step_output("gone") is None
    assert GIVEN.get_step_content("gone") is None


def test_a_parallel_is_read_by_branch_as_text() -> None:
    branches = [StepOutput(content=1, step_name="a"), StepOutput(content="two", step_name="b")]
    parallel = StepOutput(content="…", step_name="p", step_type="Parallel", steps=branches)
    given = StepInput(previous_step_outputs={"p": parallel})
    assert given.get_step_content("p") == {"a": "1", "b": "two"}


def test_all_that_came_before_as_text() -> None:
    assert GIVEN.get_all_previous_content() == "=== draft ===\nouter draft\n\n=== write ===\nfinal"
    assert GIVEN.get_last_step_content() == "final"


def test_the_run_input_as_text() -> None:
    assert GIVEN.get_input_as_string() == '{"topic": "bees"}'
    assert StepInput(input="as it is").get_input_as_string() == "as it is"
    assert StepInput().get_input_as_string() is None


def test_an_input_comes_back_from_json() -> None:
    back = StepInput.from_dict(json.loads(json.dumps(GIVEN.to_dict())))
    assert back == GIVEN
