"""Stand-ins: a person without any rights, who is there for the seconds that a check takes, and then is not.

Signing in, links and websockets need somebody. A real person's link or session would be a way in for whoever reads the
proxy's log; this one leads to nothing and soon to nobody.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from importlib import import_module
from secrets import token_hex
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.utils import timezone

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.contrib.sessions.backends.base import SessionBase

# No form of ours takes such a name: nobody else can have it.
PREFIX = "(doctor) "
LONGEST = timedelta(minutes=10)


@contextmanager
def a_stand_in() -> Iterator["User"]:
    """Somebody new, who is deleted at the end of the block; so are those whose doctor has died."""
    people = get_user_model().objects.filter(username__startswith=PREFIX)
    people.filter(date_joined__lt=timezone.now() - LONGEST).delete()
    person = get_user_model().objects.create_user(f"{PREFIX}{token_hex(8)}")
    try:
        yield person
    finally:
        people.filter(pk=person.pk).delete()


@contextmanager
def a_session_of(person: "User") -> Iterator["SessionBase"]:
    """Sign this person in without a browser, until the end of the block."""
    session: SessionBase = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.set_expiry(int(LONGEST.total_seconds()))
    session.create()
    try:
        yield session
    finally:
        session.delete(session.session_key)
