"""Services through apprise, to a real receiver: only what the settings open, nothing read, nothing inside reached."""

import json
from collections.abc import Iterator

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.test import Client

from hitl_portal.notifications import outbox
from hitl_portal.notifications.models import Address, Dispatch
from hitl_portal.notifications.services import Service, keep
from hitl_portal.notifications.subscriptions import Unfit
from tests.hitl_portal.accounts.conftest import prove
from tests.hitl_portal.notifications.conftest import carried, opened
from tests.hitl_portal.notifications.told import Told
from tests.hitl_portal.outbound.receiver import Receiver, Reply, receiving
from tests.rows import a_requirement
from workflows.models import Requirement, WorkflowRun

pytestmark = pytest.mark.django_db


@pytest.fixture
def receiver(settings: LazySettings, told: Told) -> Iterator[Receiver]:
    """Give a service that may be posted to."""
    with receiving() as found:
        settings.HITL_OUTBOUND_ALLOW = ["127.0.0.0/8"]
        settings.HITL_OUTBOUND_HTTP = [f"127.0.0.1:{found.port}"]
        settings.HITL_CHANNELS = ["hitl_portal.notifications.services.Services"]
        settings.HITL_APPRISE_SCHEMES = ["json", "jsons", "ntfy", "ntfys", "slack", "tgram"]
        found.usual = Reply(status=200)
        yield found


def url(receiver: Receiver, path: str = "told") -> str:
    return f"json://127.0.0.1:{receiver.port}/{path}"


def tried(person: User, address: Address) -> str:
    outbox.try_out(person, "apprise", address)
    carried()
    return Dispatch.objects.latest("created_at").status


def test_a_service_is_told(receiver: Receiver, requirement: Requirement, reviewer: User) -> None:
    keep(reviewer, Service(url=url(receiver)), "Phone")
    opened(requirement)
    assert carried() == 1

    said = json.loads(receiver.posts[0].body)
    assert said["title"] == "Refund: Pay 249.50?"
    assert "Asked for by: requester" in said["message"]
    assert f"http://localhost:8000/requirements/{requirement.pk}/" in said["message"]


def test_links_answer_only_where_nobody_else_reads(
    receiver: Receiver, requirement: Requirement, reviewer: User, settings: LazySettings
) -> None:
    settings.HITL_ANSWER_LINKS = True
    keep(reviewer, Service(url=url(receiver), is_private=True), "")
    opened(requirement)
    carried()

    said = json.loads(receiver.posts[0].body)["message"]
    assert f"/requirements/{requirement.pk}/" not in said
    assert "http://localhost:8000/" in said


def test_foreign_text_calls_nobody_and_leads_nowhere(
    receiver: Receiver, run: WorkflowRun, reviewer: User
) -> None:
    keep(reviewer, Service(url=url(receiver)), "")
    opened(a_requirement(run, message="<!channel> @everyone [pay](https://evil.example) *now*"))
    carried()

    title = json.loads(receiver.posts[0].body)["title"]
    assert not set(title) & set("<>@*[]")
    assert "https(:)//evil(.)example" in title


def test_the_address_is_sealed_and_never_shown(receiver: Receiver, reviewer: User) -> None:
    found = keep(reviewer, Service(url=url(receiver, "secret-topic")), "My phone")

    assert "secret-topic" not in repr(vars(found))
    assert found.name == "My phone (JSON)"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "file:///etc/passwd",
        "dbus://",
        "exec://rm",
        "xml://127.0.0.1/",
        "syslog://",
        "mailto://user:password@example.org",
        "json://127.0.0.1/?template=/etc/passwd",
        "slack://a/?Template=/etc/passwd",
        "tgram://1:a/b/?image=file:///etc/passwd",
        "json://127.0.0.1/\r\nx",
        "json://" + "a" * 1000,
    ],
)
def test_what_is_not_open_is_refused(receiver: Receiver, reviewer: User, text: str) -> None:
    with pytest.raises(Unfit):
        keep(reviewer, Service(url=text), "")


@pytest.mark.parametrize(
    "text",
    [
        "jsons://127.0.0.1/",
        "jsons://169.254.169.254/latest",
        "jsons://[::ffff:127.0.0.1]/",
        "json://example.org/",
        "jsons://example.org:8443/",
        "ntfy://127.0.0.1/topic",
        "ntfys://10.0.0.1/topic",
        "jsons://127.1/",
    ],
)
def test_hosts_are_those_of_webhooks(
    settings: LazySettings, receiver: Receiver, reviewer: User, text: str
) -> None:
    settings.HITL_OUTBOUND_ALLOW = []
    settings.HITL_OUTBOUND_HTTP = []
    with pytest.raises(Unfit):
        keep(reviewer, Service(url=text), "")


def test_ntfys_own_service_needs_no_host(receiver: Receiver, reviewer: User) -> None:
    assert keep(reviewer, Service(url="ntfy://my-topic"), "").name == "ntfy"


def test_a_name_that_leads_inside_is_not_connected_to(
    receiver: Receiver, reviewer: User, settings: LazySettings
) -> None:
    settings.HITL_OUTBOUND_HTTP = [f"localhost:{receiver.port}"]
    settings.HITL_OUTBOUND_ALLOW = []
    address = keep(reviewer, Service(url=f"json://localhost:{receiver.port}/"), "")

    assert tried(reviewer, address) == "pending"
    assert receiver.posts == []
    assert "not open to webhooks" in Dispatch.objects.get().reason


def test_redirects_are_not_followed(receiver: Receiver, reviewer: User) -> None:
    with receiving() as inside:
        receiver.usual = Reply(status=302, headers={"location": inside.url})
        address = keep(reviewer, Service(url=url(receiver) + "?redirect=yes"), "")

        assert tried(reviewer, address) == "pending"
        assert inside.posts == []


def test_what_fails_is_tried_again_and_tells_no_address(receiver: Receiver, reviewer: User) -> None:
    receiver.usual = Reply(status=500)
    address = keep(reviewer, Service(url=url(receiver, "secret-topic")), "")

    assert tried(reviewer, address) == "pending"
    assert "secret-topic" not in Dispatch.objects.get().reason


def test_a_scheme_that_was_closed_meanwhile_is_not_used(
    receiver: Receiver, reviewer: User, settings: LazySettings
) -> None:
    address = keep(reviewer, Service(url=url(receiver)), "")
    settings.HITL_APPRISE_SCHEMES = ["slack"]

    assert tried(reviewer, address) == "failed"
    assert receiver.posts == []


def test_the_page_adds_one_and_does_not_show_it(receiver: Receiver, reviewer: User) -> None:
    client = Client()
    client.force_login(reviewer)
    client.post("/notifications/services/", {"url": url(receiver, "secret-topic"), "name": "Phone"})
    shown = client.get("/notifications/settings/").content.decode()

    assert "Phone (JSON)" in shown
    assert "secret-topic" not in shown


def test_the_page_says_what_is_wrong_without_the_address(receiver: Receiver, reviewer: User) -> None:
    client = Client()
    client.force_login(reviewer)
    answer = client.post("/notifications/services/", {"url": "exec://secret", "name": "Phone"})

    assert answer.status_code == 422
    assert "exec:// is not open here." in answer.content.decode()
    assert "exec://secret" not in answer.content.decode()


def test_what_answers_in_one_s_name_needs_a_proof_of_it(receiver: Receiver, reviewer: User) -> None:
    client = Client()
    client.force_login(reviewer)
    sent = {"url": url(receiver, "secret-topic"), "is_private": "1"}
    answer = client.post("/notifications/services/", sent)
    assert answer.headers["Location"] == "/accounts/confirm/password/?next=%2Fnotifications%2Fsettings%2F"
    assert "secret-topic" not in str(dict(client.session))
    assert not Address.objects.exists()

    prove(client)
    client.post("/notifications/services/", sent)
    assert Service.read(Address.objects.get()).is_private
