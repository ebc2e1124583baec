"""Media and whole values: for who may see the run, and with every lock that browsers know."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import User

from tests.hitl_portal.conftest import Ask, SignIn
from tests.hitl_portal.evidence.test_attachments import PDF, PNG
from tests.hostile import HOSTILE
from workflows.engine import values
from workflows.models import Value, WorkflowRun


def keep(run: WorkflowRun, content: Any, **more: Any) -> Value:
    data = values.encode({"content": content, "step_name": "draw", "success": True} | more)
    return Value.objects.create(run=run, path="draw", slot="call:0.0", data=data)


def test_a_picture_is_shown_and_locked(as_: SignIn, run: WorkflowRun, reviewer: User) -> None:
    value = keep(run, "see", images=[{"content": PNG, "filename": "chart.png"}])
    response = as_(reviewer).get(f"/values/{value.id}/media/0/")
    assert response.content == PNG
    assert response["Content-Type"] == "image/png"
    assert response["Content-Security-Policy"].startswith("sandbox;")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "private" in response["Cache-Control"]
    assert response["Content-Disposition"] == 'inline; filename="chart.png"'


@pytest.mark.parametrize("data", [b"<html><script>alert(1)</script>", b"<svg onload=alert(1)>", b"MZ\0"])
def test_everything_else_is_a_download(as_: SignIn, run: WorkflowRun, reviewer: User, data: bytes) -> None:
    value = keep(run, {"content": data, "mime_type": "text/html", "filename": "x.html"})
    response = as_(reviewer).get(f"/values/{value.id}/media/0/")
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith("attachment")
    assert response["Content-Security-Policy"].startswith("sandbox;")


def test_a_pdf_opens_without_scripts_frames_and_forms(as_: SignIn, run: WorkflowRun, reviewer: User) -> None:
    response = as_(reviewer).get(f"/values/{keep(run, PDF).id}/media/0/")
    assert response["Content-Type"] == "application/pdf"
    assert "default-src 'none'" in response["Content-Security-Policy"]
    saved = as_(reviewer).get(f"/values/{keep_other(run, PDF).id}/media/0/?save")
    assert saved["Content-Disposition"].startswith("attachment")


def keep_other(run: WorkflowRun, content: Any) -> Value:
    data = values.encode({"content": content})
    return Value.objects.create(run=run, path="other", slot="call:0.0", data=data)


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_of_a_file_gets_out_of_its_header(
    as_: SignIn, run: WorkflowRun, reviewer: User, name: str
) -> None:
    value = keep(run, {"content": PNG, "filename": HOSTILE[name]})
    response = as_(reviewer).get(f"/values/{value.id}/media/0/")
    assert response.status_code == 200
    assert "Set-Cookie" not in response.headers
    assert "\n" not in response["Content-Disposition"]


@pytest.mark.parametrize("part", ["", "data/", "media/0/"])
def test_a_stranger_finds_nothing(as_: SignIn, run: WorkflowRun, stranger: User, part: str) -> None:
    value = keep(run, PNG)
    assert as_(stranger).get(f"/values/{value.id}/{part}").status_code == 404


def test_there_is_no_second_picture(as_: SignIn, run: WorkflowRun, reviewer: User) -> None:
    assert as_(reviewer).get(f"/values/{keep(run, PNG).id}/media/1/").status_code == 404


def test_all_of_a_value_can_be_kept(as_: SignIn, run: WorkflowRun, reviewer: User) -> None:
    value = keep(run, "x" * 1_000_000)
    response = as_(reviewer).get(f"/values/{value.id}/data/")
    assert json.loads(response.content)["content"] == "x" * 1_000_000
    assert response["Content-Disposition"].startswith("attachment")


def test_data_that_nests_beyond_reason_is_text(as_: SignIn, run: WorkflowRun, reviewer: User) -> None:
    deep = '{"content":' + "[" * 700 + "]" * 700 + "}"
    value = Value.objects.create(run=run, path="deep", slot="call:0.0", data=deep)
    assert as_(reviewer).get(f"/values/{value.id}/").status_code == 200


def test_media_of_steps_and_of_the_run_stand_on_the_card(as_: SignIn, ask: Ask, reviewer: User) -> None:
    asked = ask("output_review", content="x")
    shown = values.encode({"content": "see", "images": [PNG], "files": [{"content": PDF, "name": "a.pdf"}]})
    Value.objects.filter(run=asked.run, path="check").update(data=shown)
    given = values.encode({"input": "draw", "media": {"images": [PNG]}})
    Value.objects.filter(run=asked.run, slot="inputs").update(data=given)
    page = as_(reviewer).get(f"/requirements/{asked.id}/").content.decode()
    assert page.count('<img src="/values/') == 2
    assert f'<img src="/values/{asked.evidence_id}/media/0/"' in page
    assert "about 2 pages" in page
    assert "a.pdf" in page


@pytest.mark.parametrize("slot", ["evidence", "inputs"])
def test_what_a_card_shows_opens_though_the_rest_of_the_run_is_for_others(
    as_: SignIn, ask: Ask, reviewer: User, stranger: User, slot: str
) -> None:
    asked = ask("output_review", content="x")
    WorkflowRun.objects.filter(id=asked.run_id).update(is_restricted=True)
    shown = asked.evidence_id if slot == "evidence" else Value.objects.get(run=asked.run, slot="inputs").id
    assert as_(reviewer).get(f"/values/{shown}/").status_code == 200
    assert as_(stranger).get(f"/values/{shown}/").status_code == 404
    other = Value.objects.create(run=asked.run, path="secret", slot="call:0.0", data="{}")
    assert as_(reviewer).get(f"/values/{other.id}/").status_code == 404
