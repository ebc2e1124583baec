"""Posting mails about accounts, one after another and beside the request: how long a mail server takes to say yes or
no to an address is for nobody to measure who asks for a new password."""

import logging
from concurrent.futures import ThreadPoolExecutor

from django.core.mail import EmailMessage

log = logging.getLogger(__name__)

# Its thread begins with the first mail; a process that ends posts what waits before.
_postman = ThreadPoolExecutor(max_workers=1, thread_name_prefix="account-mail")


def post(mail: EmailMessage) -> None:
    """Send it soon, or write down that it failed."""
    _postman.submit(_send, mail)


def finish() -> None:
    """Wait until everything that was to be posted is."""
    _postman.submit(int).result()


def _send(mail: EmailMessage) -> None:
    try:
        mail.send()
    except Exception:
        log.exception("a mail about an account could not be sent")
