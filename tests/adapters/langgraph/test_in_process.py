"""A real graph in its author's process is interrupted, people decide in the portal, and it goes on."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.adapters.conftest import Decide, Start, environment_of, told
from workflows.models import Requirement

PROGRAM, AGENT = (str(Path(__file__).with_name(name)) for name in ("program.py", "agent.py"))
Run = Callable[[str], Any]


@pytest.fixture
def program(start: Start, langgraph: Path, portal: str, token: str, tmp_path: Path) -> Run:
    """Give what starts the program; called once more, it gives what that has printed."""

    def starting(way: str) -> Callable[[], Any]:
        running: subprocess.Popen[bytes] = start(
            way, str(langgraph), PROGRAM, way, portal, token, **environment_of(langgraph)
        )
        return lambda: told(running, tmp_path / f"{way}.log")

    return starting


@pytest.mark.parametrize("way", ["waiting", "awaiting"])
def test_two_wait_side_by_side_and_each_gets_its_answer(program: Run, decide: Decide, way: str) -> None:
    result = program(way)
    decide("edit", tool="pay", content={"amount": 4, "to": "somebody"})
    for word in ("Grey", "Parcel"):
        decide("approve", kind="user_input", values={"form": "text", "text": word})
    asked = decide("reject", kind="confirmation", feedback="Not today.")
    name, pay, *sent = result()["said"]
    assert pay == {"type": "edit", "args": {"action": "pay", "args": {"amount": 4, "to": "somebody"}}}
    assert (name, sent) == ("Grey Parcel", [False, "Not today."])
    assert asked.evidence is not None
    assert Requirement.objects.count() == 4


def test_what_is_answered_is_taken_up_and_the_rest_waits_on(program: Run, decide: Decide) -> None:
    result = program("later")
    decide("approve", tool="pay")
    for word in ("Grey", "Parcel"):
        decide("approve", kind="user_input", values={"form": "data", "data": {"name": word}})
    decide("approve", kind="confirmation")
    given = result()
    assert given["said"][1] == {"type": "accept", "args": None}
    assert (given["waited"][0], given["waited"][-1]) == (2, 1)


def test_the_tools_of_an_agent_with_langchains_middleware(
    start: Start, langgraph: Path, portal: str, token: str, decide: Decide, tmp_path: Path
) -> None:
    running = start("agent", str(langgraph), AGENT, portal, token, **environment_of(langgraph))
    decide("edit", tool="spend", content={"amount": 4})
    decide("reject", tool="spend", feedback="Once is enough.")
    said = told(running, tmp_path / "agent.log")
    assert "spent 4" in said
    assert "Once is enough." in said
