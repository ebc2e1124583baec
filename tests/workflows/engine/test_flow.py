"""What flows from step to step besides contents: media, and outputs that are looked up when asked for."""

from typing import Any

import pytest

from tests.workflows.engine.runs import Recorder, Run
from workflows import Condition, Loop, Parallel, Router, Step, StepOutput, Steps


def pictured(name: str) -> Step:
    """A step that brings an image."""
    return Step(name, lambda _: StepOutput(content=name, images=[f"{name}.png"]))


class TestMedia:
    def test_a_step_is_given_the_runs_own_and_all_that_came_before(self) -> None:
        work = Recorder()
        Run(
            pictured("a"),
            Step("between", lambda _: "no image"),
            pictured("b"),
            Step("last", work.returning(1)),
            media={"images": ["own.png"], "files": ["own.pdf"]},
        )
        (given,) = work.inputs
        assert (given.images, given.files) == (["own.png", "a.png", "b.png"], ["own.pdf"])
        assert given.videos is None

    @pytest.mark.parametrize(
        "composite",
        [
            Steps("s", steps=[pictured("a")]),
            Loop([pictured("a")], max_iterations=1),
            Condition([pictured("a")]),
            Router([pictured("a")], lambda _: "a"),
            Parallel(pictured("a")),
        ],
    )
    def test_those_from_inside_a_composite_too_in_another_process(self, composite: Any) -> None:
        work = Recorder()
        last = Step("last", work.returning(1), requires_confirmation=True)
        Run(composite, Steps("group", steps=[last])).reload().answer("approve")
        assert work.inputs[0].images == ["a.png"]

    def test_an_edit_keeps_them(self) -> None:
        work = Recorder()
        step = Step("a", lambda _: StepOutput(images=["a.png"]), requires_output_review=True)
        Run(step, Step("last", work.returning(1))).answer("edit", content="new")
        assert work.inputs[0].images == ["a.png"]

    def test_what_a_step_does_to_them_is_seen_by_no_other(self) -> None:
        work = Recorder()
        spoil = Step("spoil", lambda given: given.images.clear())
        Run(pictured("a"), spoil, Step("last", work.returning(1)), media={"images": ["own.png"]})
        assert work.inputs[0].images == ["own.png", "a.png"]


class TestOutputs:
    def test_they_are_found_through_any_composite_after_a_reload(self) -> None:
        work = Recorder()
        deep = Step("deep", lambda _: "D")
        composite = Condition(
            [Loop([Router([Steps("s", steps=[Parallel(deep)])], lambda _: "s")], max_iterations=1)]
        )
        last = Step("last", work.returning(1), requires_confirmation=True)
        Run(composite, last).reload().answer("approve")
        (given,) = work.inputs
        assert (given.get_step_content("deep"), given.previous_step_content) == ("D", "D")
        assert given.get_step_output("nowhere") is None

    def test_what_was_skipped_is_not_among_them(self) -> None:
        work = Recorder()
        run = Run(Step("a", lambda _: 1, requires_confirmation=True), Step("b", work.returning(1)))
        run.answer("reject")
        assert (list(work.inputs[0].previous_step_outputs), len(work.inputs[0].previous_step_outputs)) == (
            [],
            0,
        )

    def test_all_of_them_can_be_read_as_text(self) -> None:
        work = Recorder()
        Run(Step("a", lambda _: "A"), Step("b", lambda _: {"n": 1}), Step("c", work.returning(1)))
        assert work.inputs[0].get_all_previous_content() == '=== a ===\nA\n\n=== b ===\n{"n": 1}'
