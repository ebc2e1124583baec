"""A link that somebody has opened: its row, and the token that only they have."""

from dataclasses import dataclass

from django.urls import reverse

from hitl_portal.links.models import AnswerLink


@dataclass(frozen=True, kw_only=True)
class Opened:
    """One link with its token, of which the database has a digest alone."""

    link: AnswerLink
    token: str

    @property
    def address_of_undo(self) -> str:
        """Where the decision is taken back."""
        return self.address("undo")

    @property
    def address_of_signing_out(self) -> str:
        """Where somebody else is signed out, so that it opens."""
        return self.address("sign-out")

    def address(self, name: str = "link", *args: object) -> str:
        """One of the pages behind it."""
        return reverse(f"links:{name}", args=[self.token, *args])
