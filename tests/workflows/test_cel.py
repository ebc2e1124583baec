"""CEL expressions as evaluators, selectors and end conditions, with the package and without it."""

import logging
from typing import Any

import pytest

from tests.workflows.engine.runs import Recorder, Run
from workflows import Condition, Loop, Router, Step, cel, validate_cel_expression


def decided(expression: str, **inputs: Any) -> Any:
    """What the branch of a condition gave back."""
    first = Step("first", lambda _: {"amount": 120})
    return Run(first, Condition([lambda _: "if"], expression, [lambda _: "else"], name="c"), **inputs).content


class TestExpressions:
    def test_one_that_can_be_parsed_is_valid(self) -> None:
        assert validate_cel_expression("input == 'a' && size(previous_step_outputs) > 0")

    @pytest.mark.parametrize("broken", ["", "input ==", "import os"])
    def test_one_that_cannot_is_refused_when_it_is_built(self, broken: str) -> None:
        assert not validate_cel_expression(broken)
        with pytest.raises(ValueError, match="Not a CEL expression"):
            Condition([lambda _: 1], broken, name="c")

    @pytest.mark.parametrize(
        ("expression", "expected"),
        [
            ("input == 'urgent'", "if"),
            ("previous_step_content.amount > 100", "if"),
            ("previous_step_outputs.first.amount > 200", "else"),
            ("additional_data.customer == 'c-1'", "if"),
            ("session_state.vip", "if"),
        ],
    )
    def test_a_condition_reads_what_a_step_reads(self, expression: str, expected: str) -> None:
        facts = {"input": "urgent", "additional_data": {"customer": "c-1"}, "state": {"vip": True}}
        assert decided(expression, **facts) == expected

    def test_one_that_breaks_is_a_failure_of_the_condition(self) -> None:
        run = Run(Condition([lambda _: 1], "session_state.unknown > 1", name="c"))
        assert run.machine.output is not None
        assert run.machine.output.success is False

    @pytest.mark.parametrize(
        ("expression", "expected"),
        [("input", ["b"]), ("['b', 'a']", ["b", "a"]), ("step_choices[0]", ["a"]), ("'unknown'", [])],
    )
    def test_a_selector_gives_names(self, expression: str, expected: list[str]) -> None:
        work = Recorder()
        choices = [Step(name, work.returning(name, name=name)) for name in "ab"]
        Run(Router(choices, expression, name="r"), input="b")
        assert work.calls == expected

    @pytest.mark.parametrize(
        ("expression", "rounds"),
        [
            ("current_iteration == 2", 2),
            ("current_iteration >= max_iterations - 2", 3),
            ("last_step_content == 'done'", 2),
            ("all_success", 1),
            ("step_outputs.work == 'done'", 2),
            ("step_outputs.unknown == 1", 5),
        ],
    )
    def test_a_loop_ends_where_its_condition_says(self, expression: str, rounds: int) -> None:
        work = Recorder()
        step = Step("work", work.returning("draft", "done", name="work"))
        Run(Loop([step], name="l", max_iterations=5, end_condition=expression))
        assert len(work.calls) == rounds


class TestWithoutThePackage:
    @pytest.fixture(autouse=True)
    def _missing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(cel, "CEL_AVAILABLE", False)

    def test_nothing_is_valid_and_nothing_refused(self) -> None:
        assert not validate_cel_expression("true")
        assert decided("what ever") == "else"

    def test_a_selector_chooses_nothing_and_a_loop_runs_to_its_bound(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        work = Recorder()
        step = Step("a", work.returning(1, name="a"))
        with caplog.at_level(logging.WARNING):
            Run(Router([step], "'a'", name="r"), Loop([step], max_iterations=2, end_condition="true"))
        assert work.calls == ["a", "a"]
        assert "cel-python is not installed" in caplog.text
