"""Log lines say which run and requirement they are about."""

import json
import logging
import sys

import pytest
from django.contrib.auth.models import User

from tests.workflows.driving import a_flow, decide, paused
from tests.workflows.engine.runs import Recorder
from workflows import Step
from workflows.ids import new_id
from workflows.logs import AboutFilter, JsonFormatter, TextFormatter, about


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


@pytest.mark.parametrize(
    "sent", ["/x\n2026-11-21 INFO hitl_portal.security: person 1 signed in", "\x1b[2K", "a\u202eb"]
)
def test_what_somebody_has_sent_begins_no_line_and_hides_nothing(sent: str) -> None:
    record = logging.LogRecord("django.request", logging.WARNING, "", 0, "Not Found: %s", (sent,), None)
    line = TextFormatter("{levelname} {message}", style="{").format(record)

    assert "\n" not in line
    assert line.isprintable()
