"""One file, several processes: a script pauses, another one goes on, or a reviewer decides in between (W35)."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
FOREIGN = ("DJANGO_SETTINGS_MODULE", "DATABASE_URL")
DECIDE = """
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.test import Client
from workflows import policy, services
from workflows.models import Requirement
from workflows.types import Action, Answer

call_command("migrate", verbosity=0)
reviewer = User.objects.create(username="reviewer")
reviewer.groups.add(Group.objects.get_or_create(name=policy.REVIEWERS)[0])
client = Client(HTTP_HOST="localhost")
client.force_login(reviewer)
page = client.get("/", follow=True)
assert "Publish this?" in page.content.decode(), page.content.decode()
question = Requirement.objects.open().get()
actor = services.Actor.of(reviewer)
services.resolve(question.id, revision=1, answer=Answer(action=Action.approve), actor=actor)
"""


def ran(*command: str, **environment: str) -> str:
    """What a process of ours says."""
    inherited = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    done = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=inherited | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def script(verb: str, file: Path) -> Any:
    """Where a plain script's run stands afterwards."""
    return json.loads(ran("-m", "tests.acceptance.program", verb, str(file)))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Give a file that is not there yet."""
    return tmp_path / "new.db"


def test_w35_a_fresh_process_goes_on(file: Path) -> None:
    assert script("start", file) == {"status": "PAUSED", "content": "Publish this?"}
    assert script("answer", file) == {"status": "COMPLETED", "content": "published fetched the news"}


def test_a_reviewer_decides_in_the_portal_on_the_scripts_file(file: Path) -> None:
    script("start", file)
    portal = {
        "DATABASE_URL": f"sqlite:///{file}",
        "HITL_DATA_DIR": str(file.parent),
        "HITL_HOLD_SECONDS": "0",
    }
    ran("manage.py", "shell", "-c", DECIDE, **portal)
    assert script("continue", file) == {"status": "COMPLETED", "content": "published fetched the news"}
