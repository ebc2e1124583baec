"""A person looks at what stands inside a group's output: the group's own text says nothing about it."""

import json
from typing import Any

from django.contrib.auth.models import User

from tests.hitl_portal.conftest import Ask, SignIn, answering
from tests.hitl_portal.outlines import kept
from workflows.models import Decision, Requirement, Value, WorkflowRun


def of_a_group(run: WorkflowRun, ask: Ask, **inner: Any) -> Requirement:
    """A review of a router that took the route "fast"."""
    data = {
        "content": "Router way completed with 1 results",
        "inner": {"path": "way/1", "iterations": None} | inner,
    }
    last = [
        Value.objects.create(run=run, path=path, slot="call", data=json.dumps({"content": content}))
        for path, content in (("way/1/slow", "an early one"), ("way/1/fast", "what fast gave"))
    ]
    for output in last:
        kept(run, output.path, output=output)
    kept(run, "way/1", memo={"last": "way/1/fast"}, output=last[-1])
    requirement = ask("output_review", run=run, content="")
    Value.objects.filter(path="check").update(data=json.dumps(data))
    return requirement


def test_the_last_output_inside_is_shown_and_edited(
    as_: SignIn, run: WorkflowRun, ask: Ask, reviewer: User
) -> None:
    page = as_(reviewer).get(f"/requirements/{of_a_group(run, ask).id}/").content.decode()
    assert page.count("what fast gave") == 2
    assert "completed with 1 results" not in page


def test_an_output_with_nothing_inside_is_shown_as_it_is(
    as_: SignIn, run: WorkflowRun, ask: Ask, reviewer: User
) -> None:
    requirement = of_a_group(run, ask, path="elsewhere/1")
    assert (
        "completed with 1 results" in as_(reviewer).get(f"/requirements/{requirement.id}/").content.decode()
    )


def test_it_is_accepted_without_being_written_again(
    as_: SignIn, run: WorkflowRun, ask: Ask, reviewer: User
) -> None:
    requirement = of_a_group(run, ask)
    before = Requirement.objects.get().evidence_id
    as_(reviewer).post(f"/requirements/{requirement.id}/decide/", answering(requirement, "approve"))
    assert Decision.objects.get().action == "approve"
    assert Requirement.objects.get().evidence_id == before
