"""Numbers of commands are refused where nothing can be done with them, and what they must be is said."""

import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command

from tests import databases


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("work --concurrency 0", "--concurrency: 0 is not a whole number from 1 to 1000"),
        ("work --concurrency 2.5", "--concurrency: 2.5 is not a whole number from 1 to 1000"),
        ("status --patience nan", "--patience: nan is not a number from 0 to 31622400"),
        ("status --patience=-1", "--patience: -1 is not a number"),
        ("erase --older-than=-1", "--older-than: -1 is not a whole number from 0 to 36500"),
        ("erase --older-than 1000000000", "--older-than: 1000000000 is not a whole number"),
        ("up --port 70000", "--port: 70000 is not a whole number from 1 to 65535"),
        ("up --port 0", "--port: 0 is not a whole number"),
        ("up --workers=-1", "--workers: -1 is not a whole number from 0 to 100"),
        ("webhook_source name flow --old-for-hours inf", "--old-for-hours: inf is not a number from 0 to"),
        ("webhook_source name flow --old-for-hours=-1", "--old-for-hours: -1 is not a number from 0 to"),
    ],
)
def test_a_number_that_makes_no_sense_is_refused(command: str, said: str) -> None:
    with pytest.raises(CommandError) as refused:
        call_command(*command.split())

    assert said in str(refused.value)


def test_who_types_it_sees_no_traceback() -> None:
    command = [sys.executable, "manage.py", "work", "--concurrency", "0"]
    done = subprocess.run(command, cwd=databases.ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].endswith("--concurrency: 0 is not a whole number from 1 to 1000")
