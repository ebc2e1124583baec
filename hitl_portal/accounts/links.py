"""One-time sign-in links: they open a page with one button, work once, and expire after a day.

The token is Django's password-reset token with a key salt of our own. Signing in changes `last_login`, which
is part of what is hashed: the link that was used, and every older one, is dead from then on.
"""

from datetime import timedelta
from typing import TYPE_CHECKING

from django.contrib.auth import get_user_model
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import base36_to_int, urlsafe_base64_decode, urlsafe_base64_encode

from hitl_portal.addresses import public

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, User

LIFETIME = timedelta(hours=24)


class LinkTokens(PasswordResetTokenGenerator):
    """Tokens that sign one person in, once, within LIFETIME."""

    key_salt = "hitl_portal.accounts.links"

    def check_token(self, user: "User | None", token: str | None) -> bool:
        """Whether the token is this person's, unused and fresh."""
        return super().check_token(user, token) and self._age(str(token)) <= LIFETIME

    def _make_hash_value(self, user: "AbstractBaseUser", timestamp: int) -> str:
        return f"{user.pk}{user.password}{user.last_login}{user.is_active}{timestamp}"

    def _age(self, token: str) -> timedelta:
        made = base36_to_int(token.partition("-")[0])
        return timedelta(seconds=self._num_seconds(self._now()) - made)


tokens = LinkTokens()


def sign_in_url(user: "User") -> str:
    """The absolute address of a link that signs this person in once, within a day."""
    key = urlsafe_base64_encode(force_bytes(user.pk))
    return public("accounts:link", uidb64=key, token=tokens.make_token(user))


def use(person: "User") -> bool:
    """Use the link up: of two people who press the button at the same moment one gets in."""
    same = get_user_model().objects.filter(pk=person.pk, last_login=person.last_login)
    return bool(same.update(last_login=timezone.now()))


def person_of(uidb64: str, token: str) -> "User | None":
    """The active person whose link this is, or None when it is not good (any more)."""
    try:
        person: User | None = (
            get_user_model().objects.filter(pk=urlsafe_base64_decode(uidb64).decode()).first()
        )
    except (ValueError, OverflowError, ValidationError):
        return None
    return person if person and person.is_active and tokens.check_token(person, token) else None
