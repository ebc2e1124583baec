"""Site: a portal in processes that are kept alive, somebody who uses it, and what is counted of it afterwards."""

import os
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import django
from django.core.management import call_command

from tests.e2e.portal import free_port
from tests.processes import children_of
from tests.trials.fuse import DIRECTORY

WORKERS = 2
FLOWS = ("trial-at-once", "trial-held", "trial-unanswered")


class Site:
    """On the empty database that the environment names."""

    def __init__(self) -> None:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hitl_portal.settings")
        django.setup()
        call_command("migrate", verbosity=0)
        from django.contrib.auth.models import Group, User

        from tests.trials.machine import Machine
        from workflows import policy, registry

        self.directory = Path(os.environ[DIRECTORY])
        reviewer = User.objects.create_user("reviewer")
        reviewer.groups.add(Group.objects.get_or_create(name=policy.REVIEWERS)[0])
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        sources = [_source(workflow) for workflow in registry.register() if workflow.name in FLOWS]
        self.machine = Machine(self.url, reviewer, sources)

    @contextmanager
    def open(self) -> Iterator[None]:
        """Meanwhile its processes run; who dies is started again."""
        keeper = [sys.executable, "-m", "tests.trials.keeper", str(self.port), str(WORKERS)]
        with subprocess.Popen(keeper) as self._keeper:
            try:
                yield
            finally:
                self._keeper.terminate()

    def processes(self) -> set[int]:
        """Web process and workers that run now."""
        return set(children_of(self._keeper.pid))

    def answers(self) -> bool:
        """Whether the web process is there."""
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def counted(self) -> Counter[str]:
        """What must not have happened, and how many runs there are."""
        from tests.trials.flows import CALLS
        from workflows.models import Decision, RunEvent, WorkflowRun

        counted = Counter[str]()
        calls = Counter((self.directory / CALLS).read_text().splitlines())
        acts = {line: times for line, times in calls.items() if line.endswith(" act")}
        counted["runs"] = WorkflowRun.objects.count()
        counted["runs completed"] = WorkflowRun.objects.filter(status="COMPLETED").count()
        counted["runs cancelled by silence"] = _silenced()
        counted["steps cut off"] = RunEvent.objects.filter(type="StepInterrupted").count()
        counted["gated steps run twice"] = sum(times > 1 for times in acts.values())
        counted["gated steps run without a decision"] = sum(not _approved(line.split()[0]) for line in acts)
        counted["questions decided twice"] = (
            Decision.objects.count() - Decision.objects.values("requirement", "revision").distinct().count()
        )
        counted["chain broken"] = _breaks()
        return counted


def _silenced() -> int:
    """How many runs ended because nobody answered in time what is to become of an interrupted step."""
    from workflows.models import WorkflowRun

    asked = {"requirements__kind": "error", "requirements__decisions__channel": "timer"}
    return WorkflowRun.objects.filter(status="CANCELLED", **asked).distinct().count()


def _source(workflow: Any) -> Any:
    from hitl_portal.hooks.models import WebhookSource

    source = WebhookSource.objects.create(name=workflow.name, workflow=workflow)
    source.renew_secret()
    return source


def _approved(trial: str) -> bool:
    from workflows.models import Decision

    asked = {"requirement__run__external_id": f"msg_{trial}", "requirement__step_name": "act"}
    return Decision.objects.filter(**asked, action="approve").exists()


def _breaks() -> int:
    from workflows.audit.verifying import Broken, Whole, verify

    try:
        verify(Whole())
    except Broken as broken:
        sys.stderr.write(f"{broken}\n")
        return 1
    return 0
