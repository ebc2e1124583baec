"""E-mail: text and HTML that says the same, with nothing from elsewhere in it, and all mails of a run in one thread."""

import smtplib
from email.utils import parseaddr
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from hitl_portal.notifications.answering import with_answer_links
from hitl_portal.notifications.channels import Undelivered
from hitl_portal.notifications.kinds import USUAL_BY_MAIL

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from hitl_portal.notifications.composing import Message
    from hitl_portal.notifications.models import Address

LONGEST_SUBJECT = 180
PERMANENT = 500  # what a mail server says for good


class Mail:
    """To the address of the person's account."""

    name = "email"
    title = _("E-mail")
    usual = USUAL_BY_MAIL
    has_addresses = False

    @property
    def is_on(self) -> bool:
        """A mail server is named."""
        return bool(settings.EMAIL_HOST)

    def reaches(self, person: "User") -> bool:
        """Their account has a mail address."""
        return bool(person.email)

    def send(self, person: "User", message: "Message", address: "Address | None") -> str:  # noqa: ARG002
        """Hand it to the mail server; its Message-ID."""
        mail = mail_of(person, message)
        try:
            mail.send()
        except smtplib.SMTPRecipientsRefused as refused:
            code = max(code for code, _reason in refused.recipients.values())
            raise Undelivered(
                f"The mail server refuses the address: {code}", again=code < PERMANENT
            ) from None
        except smtplib.SMTPResponseException as refused:
            # With a wrong password, or a limit, it is the server's state: that may be another one later.
            raise Undelivered(f"The mail server said {refused.smtp_code}") from None
        except (smtplib.SMTPException, OSError) as away:
            raise Undelivered(f"The mail server cannot be reached: {type(away).__name__}") from None
        return str(mail.extra_headers["Message-ID"])


def mail_of(person: "User", message: "Message") -> EmailMultiAlternatives:
    """The mail. The id is the same at every try, so that mail programs show what came twice once."""
    message = with_answer_links(person, message)
    told = {
        "message": message,
        "person": person,
        "one": message.items[0] if len(message.items) == 1 else None,
    }
    mail = EmailMultiAlternatives(
        subject=_one_line(message.subject),
        body=render_to_string("notifications/mail.txt", told),
        from_email=settings.HITL_EMAIL_FROM,
        to=[person.email],
        headers=_headers(message),
    )
    mail.attach_alternative(render_to_string("notifications/mail.html", told), "text/html")
    return mail


def thread_id(run_id: UUID) -> str:
    """What all mails of a run answer to; no mail has it itself."""
    return f"<run-{run_id}@{_domain()}>"


def _headers(message: "Message") -> dict[str, Any]:
    headers = {
        "Message-ID": f"<{message.id}@{_domain()}>",
        "List-Unsubscribe": f"<{message.settings_link}>",
        "List-Id": f"HITL Portal <notifications.{_domain()}>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
    }
    if message.run_id is not None:
        headers |= dict.fromkeys(("In-Reply-To", "References"), thread_id(message.run_id))
    return headers


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_SUBJECT else f"{line[: LONGEST_SUBJECT - 1]}…"


def _domain() -> str:
    return parseaddr(settings.HITL_EMAIL_FROM)[1].rpartition("@")[2] or "localhost"
