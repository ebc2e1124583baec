"""A real workflow in its author's process fails and waits, people decide in the portal, and it goes on."""

from pathlib import Path

from tests.adapters.conftest import Decide, Start, environment_of, told

PROGRAM = str(Path(__file__).with_name("program.py"))


def test_failures_and_steps_are_decided_in_the_portal(
    start: Start, agno: Path, portal: str, token: str, decide: Decide, tmp_path: Path
) -> None:
    database = str(tmp_path / "letters.db")
    running = start("program", str(agno), PROGRAM, portal, token, database, **environment_of(agno))
    failed = decide("retry", kind="error")
    decide("approve", kind="user_input", values={"city": "Bonn"})
    decide("approve", kind="route", choices=("sea",))
    decide("edit", kind="output_review", content="My own.")
    assert failed.details["error"] == {"type": "ValueError", "message": "it is broken"}
    found = told(running, tmp_path / "program.log")
    assert (found["status"].rpartition(".")[2].upper(), found["content"]) == ("COMPLETED", "My own.")
