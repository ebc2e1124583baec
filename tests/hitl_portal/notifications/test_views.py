"""The list of what one was told, the bell, and what was read: of what one may see alone."""

from collections.abc import Callable
from datetime import time
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from hitl_portal.notifications import outbox
from hitl_portal.notifications.deriving import derive
from hitl_portal.notifications.models import Address, Choices, Dispatch, Mute, Note
from tests.hitl_portal.conftest import SignIn
from tests.hitl_portal.notifications.conftest import carried, opened
from tests.hitl_portal.notifications.told import Told
from tests.rows import a_requirement, a_run
from workflows.models import Requirement, WorkflowRun

pytestmark = pytest.mark.django_db

Matrix = Callable[..., dict[str, Any]]


@pytest.fixture
def noted(told: Told, requirement: Requirement, reviewer: User) -> Note:
    opened(requirement)
    derive()
    return Note.objects.get(person=reviewer)


@pytest.fixture
def as_(db: None) -> SignIn:
    def signed_in(person: User) -> Client:
        client = Client()
        client.force_login(person)
        return client

    return signed_in


def page(client: Client, address: str = "/notifications/") -> str:
    return client.get(address).content.decode()


def test_the_list_leads_to_what_it_is_about(as_: SignIn, noted: Note, reviewer: User) -> None:
    shown = page(as_(reviewer))

    assert f'href="/requirements/{noted.requirement_id}/"' in shown
    assert "Pay 249.50?" in shown
    assert "A question waits for you" in shown


def test_nobody_else_sees_it(as_: SignIn, noted: Note, admin: User) -> None:
    assert "You were told nothing yet." in page(as_(admin))


def test_what_one_may_not_see_any_more_is_gone(as_: SignIn, noted: Note, reviewer: User) -> None:
    reviewer.groups.clear()
    client = as_(reviewer)

    assert "Pay 249.50?" not in page(client)
    assert "bell-count" not in page(client, "/notifications/bell/")


def test_the_bell_counts_what_is_new(as_: SignIn, noted: Note, reviewer: User) -> None:
    client = as_(reviewer)
    assert "Notifications, 1 new" in page(client, "/notifications/bell/")

    client.post("/notifications/read/", {"note": noted.pk})
    assert "bell-count" not in page(client, "/notifications/bell/")


def test_the_bell_costs_little(
    as_: SignIn, noted: Note, reviewer: User, django_assert_max_num_queries: Any
) -> None:
    client = as_(reviewer)
    with django_assert_max_num_queries(6):
        client.get("/notifications/bell/")


@pytest.mark.parametrize("notes", [1, 12])
def test_the_list_costs_the_same_however_long_it_is(
    as_: SignIn, told: Told, run: WorkflowRun, reviewer: User, notes: int, django_assert_max_num_queries: Any
) -> None:
    for number in range(notes):
        opened(a_requirement(run, path=f"step {number}"))
    derive()
    client = as_(reviewer)
    with django_assert_max_num_queries(8):
        client.get("/notifications/")


def test_all_can_be_read_at_once(as_: SignIn, noted: Note, run: WorkflowRun, reviewer: User) -> None:
    opened(a_requirement(run, path="other"))
    derive()
    as_(reviewer).post("/notifications/read/", {"all": "1"})

    assert not Note.objects.unread().exists()


def test_nobody_reads_for_others(as_: SignIn, noted: Note, admin: User) -> None:
    as_(admin).post("/notifications/read/", {"note": noted.pk})
    as_(admin).post("/notifications/read/", {"all": "1"})

    assert Note.objects.unread().count() == 1


def test_only_what_is_new(as_: SignIn, noted: Note, reviewer: User) -> None:
    Note.objects.update(read_at=timezone.now())

    assert "Nothing new." in page(as_(reviewer), "/notifications/?show=unread")


def test_what_was_off_in_the_page_is_not_listed(as_: SignIn, noted: Note, reviewer: User) -> None:
    Note.objects.update(in_page=False)

    assert "Pay 249.50?" not in page(as_(reviewer))


def test_hostile_words_are_laid_bare(as_: SignIn, told: Told, run: WorkflowRun, reviewer: User) -> None:
    opened(a_requirement(run, message="<script>alert(1)</script>\u202e"))
    derive()
    shown = page(as_(reviewer))

    assert "<script>alert" not in shown
    assert "⟦U+202E⟧" in shown


@pytest.fixture
def matrix(told: Told, as_: SignIn, reviewer: User) -> Matrix:
    """Give what the form sends as it stands, with some of it changed."""

    def filled(**changed: Any) -> dict[str, Any]:
        form = as_(reviewer).get("/notifications/settings/").context["form"]
        values = {bound.name: bound.value() for bound in form}
        sent = {name: value for name, value in values.items() if value not in (None, False)}
        return sent | {name.replace("__", "-"): value for name, value in changed.items()}

    return filled


def test_only_what_differs_from_the_usual_is_kept(as_: SignIn, matrix: Matrix, reviewer: User) -> None:
    answer = as_(reviewer).post("/notifications/settings/", matrix(waits__told="digest", failed__page="off"))

    assert answer.status_code == 302
    kept = {kind: modes for kind, modes in Choices.of(reviewer).modes.items() if modes}
    assert kept == {"waits": {"told": "digest"}, "failed": {"page": "off"}}


def test_what_was_said_of_a_closed_channel_is_kept(
    as_: SignIn, matrix: Matrix, reviewer: User, settings: LazySettings
) -> None:
    as_(reviewer).post("/notifications/settings/", matrix(waits__told="digest"))
    settings.HITL_CHANNELS = []
    as_(reviewer).post("/notifications/settings/", matrix(waits__page="off"))

    assert Choices.of(reviewer).modes["waits"] == {"told": "digest", "page": "off"}


def test_quiet_hours_have_two_ends(as_: SignIn, matrix: Matrix, reviewer: User) -> None:
    client = as_(reviewer)
    assert client.post("/notifications/settings/", matrix(quiet_from="22:00")).status_code == 422

    client.post("/notifications/settings/", matrix(quiet_from="22:00", quiet_until="06:30"))
    kept = Choices.of(reviewer)
    assert (kept.quiet_from, kept.quiet_until) == (time(22), time(6, 30))


def test_hours_count_where_the_device_is(as_: SignIn, matrix: Matrix, reviewer: User) -> None:
    client = as_(reviewer)
    client.cookies["hitl_time_zone"] = "Asia/Tokyo"
    client.post("/notifications/settings/", matrix())

    assert Choices.of(reviewer).device_zone == "Asia/Tokyo"
    assert "By clocks in Asia/Tokyo" in page(client, "/notifications/settings/")


def test_workflows_are_muted_and_unmuted(
    as_: SignIn, matrix: Matrix, run: WorkflowRun, reviewer: User
) -> None:
    client = as_(reviewer)
    client.post("/notifications/settings/", matrix(muted=[run.workflow_id]))
    assert Mute.objects.get().workflow == run.workflow

    client.post("/notifications/settings/", matrix(muted=[]))
    assert not Mute.objects.exists()


def test_a_workflow_that_one_does_not_see_cannot_be_asked_for(
    as_: SignIn, told: Told, stranger: User
) -> None:
    a_run()

    assert "Refund" not in page(as_(stranger), "/notifications/settings/")


def test_everything_can_be_as_it_comes(as_: SignIn, matrix: Matrix, reviewer: User) -> None:
    client = as_(reviewer)
    client.post("/notifications/settings/", matrix(waits__told="digest"))
    client.post("/notifications/settings/", {"as_it_comes": "1"})

    assert not Choices.objects.exists()


def test_the_page_of_choices_is_small(as_: SignIn, told: Told, reviewer: User) -> None:
    assert len(as_(reviewer).get("/notifications/settings/").content) < 40_000


def test_the_log_says_what_was_sent_and_what_was_not(as_: SignIn, noted: Note, reviewer: User) -> None:
    Requirement.objects.update(status="applied")
    carried()
    shown = page(as_(reviewer), "/notifications/sent/")

    assert "Not sent" in shown
    assert "It was decided, or is not yours to decide any more." in shown


def test_a_try_out_is_sent_and_noted(as_: SignIn, told: Told, reviewer: User) -> None:
    client = as_(reviewer)
    client.post("/notifications/try/told/")
    carried()

    assert [message.subject for _person, message in told.sent] == ["HITL Portal: a try-out"]
    assert "A try-out" in page(client, "/notifications/sent/")


def test_an_address_that_is_removed_is_sent_nothing(as_: SignIn, told: Told, reviewer: User) -> None:
    address = Address.objects.create(person=reviewer, channel="told", name="Phone")
    outbox.try_out(reviewer, "told", address)
    as_(reviewer).post(f"/notifications/addresses/{address.pk}/remove/")

    assert not Dispatch.objects.exists()
