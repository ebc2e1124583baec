"""What docs/webhooks.md tells senders is so."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from hitl_portal.hooks import schemes
from hitl_portal.hooks.models import Signs, WebhookSource
from hitl_portal.hooks.templatetags.webhooks import OUTCOMES
from hitl_portal.problems import PROBLEMS

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "webhooks.md").read_text()
FENCED = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
ROW = re.compile(r"^\| `([\w-]+)` \| (\d+) \|", re.MULTILINE)


@pytest.mark.django_db
def test_what_the_sample_signs_starts_a_run(source: WebhookSource) -> None:
    namespace: dict[str, Any] = {}
    exec(FENCED.findall(PAGE)[0], namespace)
    headers = namespace["signed_headers"](source.secret, "msg_1", '{"amount": 1}')
    kind = headers.pop("content-type")
    answer = Client().post("/hooks/shop", b'{"amount": 1}', content_type=kind, headers=headers)

    assert answer.status_code == 202
    assert sorted(answer.json()) == ["run", "status", "url"]


def test_the_problems_have_the_statuses_that_it_tells() -> None:
    told = {name: int(status) for name, status in ROW.findall(PAGE)}

    assert told == {name: PROBLEMS[name][0] for name in told}
    assert set(OUTCOMES) - {"started", "repeated", "greeted"} <= set(told)


def test_it_tells_of_each_form_of_signature() -> None:
    assert all(f"| {label} |" in PAGE for label in Signs.labels)
    assert set(schemes.SCHEMES) == set(Signs.values)
