"""E-mail through a real mail server: what it says, what it threads with, and what cannot be smuggled in."""

import re
from collections.abc import Iterator

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User

from hitl_portal.notifications.deriving import derive
from hitl_portal.notifications.models import Choices, Dispatch
from tests.hitl_portal.notifications.conftest import carried, opened
from tests.hitl_portal.notifications.postman import Postman, delivering
from tests.rows import a_requirement, an_event
from workflows.models import Requirement, WorkflowRun

pytestmark = pytest.mark.django_db


@pytest.fixture
def postman(settings: LazySettings, reviewer: User, told: None) -> Iterator[Postman]:
    """Give a mail server that is the portal's, and the reviewer an address."""
    reviewer.email = "reviewer@example.org"
    reviewer.save()
    at_once = {"waits": {"email": "immediate"}, "completed": {"email": "immediate"}}
    Choices.objects.create(person=reviewer, modes=at_once)
    with delivering() as found:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", found.port
        settings.HITL_CHANNELS = ["hitl_portal.notifications.mail.Mail"]
        settings.HITL_EMAIL_FROM = "Portal <portal@portal.example>"
        yield found


def parts(postman: Postman) -> tuple[str, str]:
    """The text and the HTML of the last mail."""
    mail = postman.mails[-1]
    assert mail.get_content_type() == "multipart/alternative"
    return tuple(part.get_content() for part in mail.iter_parts())


def test_a_mail_is_text_and_html_that_say_the_same(
    postman: Postman, requirement: Requirement, reviewer: User
) -> None:
    opened(requirement)
    assert carried() == 1

    mail = postman.mails[0]
    assert (mail["subject"], mail["to"]) == ("Refund: Pay 249.50?", "reviewer@example.org")
    for said in parts(postman):
        assert "A question waits for you" in said
        assert "requester" in said
        assert "http://localhost:8000/" in said


def test_the_link_answers_where_links_are_on(
    postman: Postman, requirement: Requirement, settings: LazySettings
) -> None:
    settings.HITL_ANSWER_LINKS = True
    opened(requirement)
    carried()
    text, html = parts(postman)

    assert "answer in your name" in text
    for said in (text, html):
        assert f"/requirements/{requirement.pk}/" not in said


def test_of_high_risk_the_link_is_the_cards_own(
    postman: Postman, run: WorkflowRun, settings: LazySettings
) -> None:
    settings.HITL_ANSWER_LINKS = True
    requirement = a_requirement(run, risk="high", policy={"risk": "high"})
    opened(requirement)
    carried()

    assert f"http://localhost:8000/requirements/{requirement.pk}/" in parts(postman)[0]


def test_html_loads_nothing_and_runs_nothing(postman: Postman, run: WorkflowRun) -> None:
    opened(
        a_requirement(
            run, message='<img src="https://evil.example/a.png"><script>x</script> www.evil.example'
        )
    )
    carried()
    html = parts(postman)[1]

    assert re.findall(r"<(?:img|script|link|style|iframe|svg|form)\b", html) == []
    assert "src=" not in html.replace("src=&quot;", "")
    addresses = re.findall(r"(?:https?://|www\.)[^\s\"'<]+", html)
    assert {address.split("/")[2] for address in addresses} == {"localhost:8000"}


def test_mails_of_a_run_are_one_thread(
    postman: Postman, requirement: Requirement, run: WorkflowRun, reviewer: User
) -> None:
    run.requested_by = reviewer
    run.save()
    opened(requirement)
    an_event(run, type="WorkflowCompleted")
    carried()
    first, second = postman.mails

    assert first["message-id"] != second["message-id"]
    assert {first["references"], second["references"], first["in-reply-to"]} == {
        f"<run-{run.pk}@portal.example>"
    }


def test_it_says_that_a_machine_wrote_it_and_how_to_stop_it(
    postman: Postman, requirement: Requirement
) -> None:
    opened(requirement)
    carried()
    mail = postman.mails[0]

    assert mail["auto-submitted"] == "auto-generated"
    assert mail["list-unsubscribe"] == "<http://localhost:8000/notifications/settings/>"
    assert mail["message-id"] == f"<{Dispatch.objects.get().pk}@portal.example>"


def test_no_header_can_be_smuggled_in(postman: Postman, run: WorkflowRun) -> None:
    run.workflow.title = "Refund\r\nBcc: everybody@example.org\r\n\r\nHello"
    run.workflow.save()
    opened(a_requirement(run, message="Pay?\rX-Evil: 1"))
    carried()
    mail = postman.mails[0]

    assert mail["bcc"] is None
    assert mail["x-evil"] is None
    assert mail["subject"].startswith("Refund Bcc: everybody@example[.]org Hello: Pay?")


def test_it_speaks_the_persons_language(postman: Postman, requirement: Requirement, reviewer: User) -> None:
    Choices.objects.filter(person=reviewer).update(language="de")
    opened(requirement)
    carried()

    assert 'lang="de"' in parts(postman)[1]


def test_an_address_that_is_refused_for_good_is_given_up(postman: Postman, requirement: Requirement) -> None:
    postman.to = "550 nobody"
    opened(requirement)
    carried()

    found = Dispatch.objects.get()
    assert (found.status, found.reason) == ("failed", "The mail server refuses the address: 550")


def test_what_the_server_does_not_take_now_is_tried_again(postman: Postman, requirement: Requirement) -> None:
    postman.data = "451 later"
    opened(requirement)
    carried()

    found = Dispatch.objects.get()
    assert (found.status, found.reason) == ("pending", "The mail server said 451")


def test_a_server_that_is_away_is_tried_again(
    postman: Postman, requirement: Requirement, settings: LazySettings
) -> None:
    settings.EMAIL_PORT = 1
    opened(requirement)
    carried()

    assert Dispatch.objects.get().status == "pending"


def test_without_a_server_mail_is_off(
    postman: Postman, requirement: Requirement, settings: LazySettings
) -> None:
    settings.EMAIL_HOST = ""
    opened(requirement)
    derive()

    assert not Dispatch.objects.exists()


def test_who_has_no_address_gets_no_mail(postman: Postman, requirement: Requirement, reviewer: User) -> None:
    User.objects.filter(pk=reviewer.pk).update(email="")
    opened(requirement)
    derive()

    assert not Dispatch.objects.exists()
