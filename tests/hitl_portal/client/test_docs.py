"""The samples of docs/api.md run against the portal itself; a reviewer answers whenever one waits."""

import re
from functools import partial
from typing import Any

import httpx
import pytest
from django.contrib.auth.models import User
from django.test import Client

from hitl_portal import client
from hitl_portal.problems import PROBLEMS
from tests.docs.samples import REPOSITORY
from tests.hitl_portal.api.conftest import token_of
from workflows.models import Requirement
from workflows.services import Actor, resolve
from workflows.types import Action, Answer

PAGE = (REPOSITORY / "docs" / "api.md").read_text()
SAMPLES = re.findall(r"^```py\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
VALUES = {"user_input": {"amount": 7}}


class ToPortal(httpx.BaseTransport):
    """Hands requests to the portal in this process; before somebody waits, the reviewer answers."""

    def __init__(self, reviewer: User) -> None:
        self.reviewer = reviewer

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send it through Django's test client."""
        if request.url.params.get("wait"):
            self._answer()
        found = Client().generic(
            request.method,
            request.url.raw_path.decode(),
            request.read(),
            request.headers.get("content-type", "application/json"),
            headers={
                name: request.headers[name]
                for name in ("authorization", "idempotency-key")
                if name in request.headers
            },
        )
        return httpx.Response(found.status_code, headers=dict(found.headers.items()), content=found.content)

    def _answer(self) -> None:
        row = Requirement.objects.open().get()
        answer = Answer(action=Action.approve, values=VALUES.get(row.kind, {}))
        resolve(row.pk, revision=1, answer=answer, actor=Actor.of(self.reviewer, "api"))


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_sample_runs(
    sample: str, requester: User, reviewer: User, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    http = httpx.Client(transport=ToPortal(reviewer))
    monkeypatch.setattr(client, "Portal", partial(client.Portal, http=http))
    token = token_of(requester, "read", "start")
    exec(sample.replace("https://hitl.example.org", "http://localhost:8000").replace("hitl_…", token), {})
    assert capsys.readouterr().out.startswith(("paid, says reviewer", "it is asked at http"))


def test_the_problems_that_it_names_are_ours() -> None:
    table = PAGE.split("## What goes wrong")[1].split("## Runs")[0]
    rows = re.findall(r"^\| (`.*?`) \| (\d{3}) \|", table, re.MULTILINE)
    named = {(kind.strip("`"), int(status)) for kinds, status in rows for kind in kinds.split(", ")}
    assert named <= {(kind, status) for kind, (status, _) in PROBLEMS.items()}
    assert len(named) > 10
