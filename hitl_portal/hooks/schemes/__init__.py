"""Schemes: how each kind of program signs what it posts, one a file. They know headers, bodies and secrets."""

from hitl_portal.hooks.schemes import github, slack, standard, stripe
from hitl_portal.hooks.schemes.message import Message, Scheme

__all__ = ["SCHEMES", "Message", "Scheme"]

SCHEMES: dict[str, Scheme] = {
    "standard": standard.SCHEME,
    "github": github.SCHEME,
    "stripe": stripe.SCHEME,
    "slack": slack.SCHEME,
}
