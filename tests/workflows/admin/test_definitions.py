"""Workflows in Django admin: switched on and off, and who decides in them."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from tests.rows import a_person
from tests.workflows.admin.pages import address
from workflows.models import Workflow, WorkflowRun


def change(site: Client, workflow: Workflow, **fields: Any) -> str:
    """Send the form as it was, with these fields changed; the page that comes of it."""
    page = site.get(address(Workflow, "change", workflow.pk))
    form = page.context["adminform"].form
    sent = {name: form[name].value() for name in form.fields}
    sent = {name: value for name, value in sent.items() if value not in (None, "", [])}
    answer = site.post(address(Workflow, "change", workflow.pk), sent | fields, follow=True)
    workflow.refresh_from_db()
    return answer.content.decode()


def test_a_workflow_is_switched_off(site: Client, run: WorkflowRun) -> None:
    site.post(address(Workflow, "change", run.workflow.pk), {"title": "Another title", "priority": 2})

    run.workflow.refresh_from_db()
    assert (run.workflow.enabled, run.workflow.title) == (False, "Refund")


def test_it_is_said_how_many_runs_are_driven_at_once_and_which_first(site: Client, run: WorkflowRun) -> None:
    change(site, run.workflow, max_running="2", max_per_key="1", priority="3")

    said = run.workflow
    assert (said.max_running, said.max_per_key, said.priority) == (2, 1, 3)


def test_groups_and_people_are_named_as_deciders(site: Client, run: WorkflowRun) -> None:
    Group.objects.create(name="legal")
    change(site, run.workflow, decider_groups=["legal"], decider_users="reviewer, admin")

    assert run.workflow.policy == {"deciders": {"groups": ["legal"], "users": ["reviewer", "admin"]}}


def test_people_are_named_by_the_input(site: Client, run: WorkflowRun) -> None:
    change(site, run.workflow, decider_users_by="input.owner", viewer_groups_by="input.region")

    assert run.workflow.policy == {
        "deciders": {"groups": [], "users": [], "users_by": "input.owner"},
        "viewers": {"groups": [], "users": [], "groups_by": "input.region"},
    }


def test_a_quorum_four_eyes_and_a_hold_are_set(site: Client, run: WorkflowRun) -> None:
    change(site, run.workflow, quorum="2", four_eyes="true", hold="30")

    assert run.workflow.policy == {"quorum": 2, "four_eyes": True, "hold": 30.0}


def test_what_was_said_before_stays(site: Client, run: WorkflowRun) -> None:
    said = {
        "deciders": {"groups": ["no such group"], "users": []},
        "viewers": {"groups": ["reviewers"], "users": ["requester"], "groups_by": "input.region"},
        "quorum": "each group",
        "rejections": 2,
        "four_eyes": False,
        "due": 3600.0,
        "remind_after": [60, 120],
        "priority": "high",
    }
    Workflow.objects.update(policy=said)
    change(site, run.workflow)

    assert run.workflow.policy == said


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("quorum", "many"),
        ("quorum", "0"),
        ("hold", "-1"),
        ("decider_users_by", "input.owner +"),
        ("viewer_groups_by", "import os"),
        ("more", '{"priority": "soon"}'),
        ("more", '{"quorum": 3}'),
        ("more", '{"colour": "red"}'),
        ("more", "[1]"),
    ],
)
def test_what_cannot_be_a_policy_is_refused_at_its_field(
    site: Client, run: WorkflowRun, field: str, wrong: str
) -> None:
    sent = {"enabled": "on", field: wrong}
    page = site.post(address(Workflow, "change", run.workflow.pk), sent)

    assert field in page.context["adminform"].form.errors
    run.workflow.refresh_from_db()
    assert run.workflow.policy == {}


def test_a_broken_policy_can_still_be_opened_and_mended(site: Client, run: WorkflowRun) -> None:
    Workflow.objects.update(policy={"deciders": 7, "priority": "never"})
    change(site, run.workflow, more="")

    assert run.workflow.policy == {}


def test_what_nobody_can_decide_is_said(site: Client, run: WorkflowRun) -> None:
    Workflow.objects.update(policy={"deciders": ["legal"]})

    page = site.get(address(Workflow, "change", run.workflow.pk)).content.decode()

    assert "Nobody is in the group" in page


def test_the_list_counts_unfinished_runs_and_names_who_decides(site: Client, run: WorkflowRun) -> None:
    Workflow.objects.update(policy={"deciders": {"groups": ["legal"], "users": ["stranger"]}})
    Workflow.objects.create(
        name="leave", title="Leave", fingerprint="f", outline={}, policy={"deciders": ["board"]}
    )

    page = site.get(address(Workflow, "changelist")).content.decode()

    assert "legal, stranger" in page
    assert ">board<" in page
    assert '<td class="field-unfinished">1</td>' in page


def test_a_reviewer_changes_nothing(client: Client, run: WorkflowRun) -> None:
    client.force_login(a_person("somebody", "reviewers", is_staff=True))

    assert client.post(address(Workflow, "change", run.workflow.pk), {}).status_code == 403
