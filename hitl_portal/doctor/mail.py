"""Mail: whether the server that the settings name lets us in; nothing is sent unless somebody asks for it."""

import smtplib
from collections.abc import Callable

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.smtp import EmailBackend
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hitl_portal.doctor.findings import Check, Finding, failed, ok, skipped, warning

PATIENCE = 5
NOWHERE = ("console", "dummy", "locmem", "filebased")


def mail() -> Finding:
    """Connect, say who we are, sign in where the settings say so, and leave."""
    kind = settings.EMAIL_BACKEND.split(".")[-2]
    if kind in NOWHERE:
        return warning(
            _("Mail goes nowhere: it is set to be written to “%(kind)s”.") % {"kind": kind},
            _("Set the mail server (HITL_EMAIL_URL), or tell people that nothing comes by mail."),
        )
    connection = get_connection(timeout=PATIENCE)
    if not isinstance(connection, EmailBackend):
        return skipped(
            _("Mail goes through %(backend)s, which is not known here.") % {"backend": settings.EMAIL_BACKEND}
        )
    return _guarded(lambda: _opened(connection))


def sending(address: str) -> Check:
    """A check that sends a message there."""

    def send() -> Finding:
        return _guarded(lambda: _sent(address))

    return Check(
        name="mail-sent",
        title=gettext_lazy("A message"),
        looked_at=gettext_lazy("Sends a message to the address that was named."),
        look=send,
        seconds=30,
    )


def _opened(connection: EmailBackend) -> Finding:
    try:
        connection.open()
    finally:  # it is open, too, where the server has refused the password
        connection.close()
    return ok(
        _("%(host)s:%(port)s lets us in; messages come from %(sender)s.")
        % {"host": connection.host, "port": connection.port, "sender": settings.DEFAULT_FROM_EMAIL}
    )


def _sent(address: str) -> Finding:
    message = EmailMessage(
        subject=_("A message of the doctor of HITL Portal"),
        body=_("Somebody has asked the portal at %(url)s to send this. Nothing is to be done.")
        % {"url": settings.HITL_PUBLIC_URL},
        to=[address],
        connection=get_connection(timeout=PATIENCE),
    )
    message.send()
    return ok(_("A message to %(address)s was taken. Look whether it has come.") % {"address": address})


def _guarded(act: Callable[[], Finding]) -> Finding:
    try:
        return act()
    except smtplib.SMTPAuthenticationError as error:
        found = _("The mail server refuses name or password (%(code)d).") % {"code": error.smtp_code}
        return failed(found, _("Put right the name and password in the mail settings."))
    except (smtplib.SMTPException, OSError) as error:
        found = _("Mail cannot be sent: %(kind)s: %(error)s.") % {
            "kind": type(error).__name__,
            "error": error,
        }
        return failed(
            found,
            _(
                "Look at the host, port and encryption in the mail settings, and whether this machine may reach it."
            ),
        )


CHECK = Check(
    name="mail",
    title=gettext_lazy("Mail"),
    looked_at=gettext_lazy("Connects to the mail server and signs in; sends nothing."),
    look=mail,
)
