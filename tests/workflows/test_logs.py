"""Log lines say which run and requirement they are about."""

import json
import logging
import re
import sys
import traceback
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User

from tests.workflows.driving import a_flow, asked_by, decide, paused, started, work
from tests.workflows.engine.runs import Recorder
from tests.workflows.test_runner import cut_off
from workflows import Step, StepInput, Steps
from workflows.ids import new_id
from workflows.logs import AboutFilter, JsonFormatter, TextFormatter, about, wordless


def formatted(formatter: logging.Formatter, **more: object) -> str:
    record = logging.LogRecord("workflows", logging.INFO, __file__, 1, "it %s", ("happened",), None)
    record.__dict__.update(more)
    AboutFilter().filter(record)
    return formatter.format(record)


def test_what_is_logged_meanwhile_is_about_the_run() -> None:
    run, requirement = new_id(), new_id()
    with about(run=run):
        with about(requirement=requirement):
            inside = formatted(TextFormatter("{message}", style="{"))
        after = formatted(TextFormatter("{message}", style="{"))

    assert inside == f"it happened run={run} requirement={requirement}"
    assert after == f"it happened run={run}"
    assert formatted(TextFormatter("{message}", style="{")) == "it happened"


def test_what_the_call_says_wins() -> None:
    with about(run=new_id()):
        assert formatted(TextFormatter("{message}", style="{"), run="other") == "it happened run=other"


def test_programs_get_one_object_a_line() -> None:
    run = new_id()
    try:
        raise ValueError("no\nsuch order")
    except ValueError:
        line = formatted(JsonFormatter(), run=run, exc_info=sys.exc_info())
    said = json.loads(line)

    assert "\n" not in line
    assert {name: said[name] for name in ("level", "logger", "message", "run")} == {
        "level": "INFO",
        "logger": "workflows",
        "message": "it happened",
        "run": str(run),
    }
    assert said["at"].endswith("+00:00")
    assert said["exception"].startswith("Traceback")


@pytest.mark.django_db(transaction=True)
def test_a_decision_is_logged_once_it_is_committed(reviewer: User, caplog: pytest.LogCaptureFixture) -> None:
    done = Recorder().returning("done", name="act")
    requirement = paused(a_flow(Step("act", done, requires_confirmation=True)))
    with caplog.at_level(logging.INFO, "workflows"):
        decide(requirement, reviewer)
    line = next(record for record in caplog.records if record.getMessage().startswith("RequirementDecided"))

    assert vars(line)["run"] == str(requirement.run_id)
    assert vars(line)["requirement"] == str(requirement.id)
    assert "reviewer" not in line.getMessage(), "who it was, the audit log tells"


def caught(function: Callable[[], object]) -> Exception:
    try:
        function()
    except Exception as error:
        return error
    raise AssertionError


def refuse() -> None:
    raise LookupError("card 4711")


def refuse_because() -> None:
    try:
        refuse()
    except LookupError as error:
        raise ValueError("the card of Ada") from error


def refuse_twice() -> None:
    raise ExceptionGroup("of Ada", [caught(refuse), caught(refuse_because)])


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (refuse, ["in refuse\n", "\nLookupError"]),
        (
            refuse_because,
            ["in refuse\n", "\nLookupError\n", "direct cause", "in refuse_because\n", "\nValueError"],
        ),
        (refuse_twice, ["in refuse_twice\n", "(2 sub-exceptions)", "LookupError", "ValueError"]),
    ],
)
def test_what_a_step_raised_is_logged_without_its_words(
    function: Callable[[], object], expected: list[str]
) -> None:
    error = wordless(caught(function))
    # The lines of code that are quoted have the texts of this test.
    text = re.sub(r"(?m)^[ |]+(raise|function\(\)).*\n", "", "".join(traceback.format_exception(error)))

    assert [part for part in expected if part not in text] == []
    assert not {"4711", "Ada"} & set(re.findall(r"\w+", text))


def test_what_led_to_itself_is_logged_once() -> None:
    first, second = caught(refuse), caught(refuse_because)
    first.__cause__, second.__cause__ = second, first

    assert wordless(first).__cause__ is not None


def lines(caplog: pytest.LogCaptureFixture, level: int) -> list[str]:
    """What the runner has logged at a level, with what goes along."""
    formatter = TextFormatter("{message}", style="{")
    mine = [record for record in caplog.records if record.name == "workflows.runner"]
    return [formatter.format(record) for record in mine if record.levelno == level]


@pytest.mark.django_db
def test_each_call_that_fails_is_logged_without_the_words_of_its_error(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def pay(step_input: StepInput) -> str:
        raise ValueError(step_input.input)

    flow = a_flow(Steps("money", steps=[Step("pay", pay, max_retries=1)]))
    run = started(flow, "card 4711")
    with caplog.at_level(logging.DEBUG, "workflows"):
        work(flow)
    found = lines(caplog, logging.WARNING)

    assert len(found) == 2
    for line in found:
        assert line.startswith(f"run {run.id}: step 'pay' at money/pay failed: ValueError\nTraceback")
        assert "in pay\n" in line
    assert "4711" not in caplog.text


@pytest.mark.django_db
def test_how_a_run_ends_is_logged_and_what_was_cut_off(
    reviewer: User, caplog: pytest.LogCaptureFixture
) -> None:
    flow = a_flow(Recorder().returning("paid", name="pay"))
    run = cut_off(flow)
    with caplog.at_level(logging.INFO, "workflows"):
        decide(asked_by(work(flow)), reviewer, "skip")
        work(flow)

    assert lines(caplog, logging.INFO) == [
        f"run {run.id}: StepInterrupted pay",
        f"run {run.id}: WorkflowCompleted ",
    ]


@pytest.mark.parametrize(
    "sent", ["/x\n2026-11-21 INFO hitl_portal.security: person 1 signed in", "\x1b[2K", "a\u202eb"]
)
def test_what_somebody_has_sent_begins_no_line_and_hides_nothing(sent: str) -> None:
    record = logging.LogRecord("django.request", logging.WARNING, "", 0, "Not Found: %s", (sent,), None)
    line = TextFormatter("{levelname} {message}", style="{").format(record)

    assert "\n" not in line
    assert line.isprintable()
