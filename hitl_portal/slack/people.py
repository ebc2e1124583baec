"""Who somebody is in Slack, by their e-mail address: asked anew each time, so that nobody is taken for who they were.

Only members of the app's own workspace count: what people of others call themselves there is theirs to say.
"""

from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model

from hitl_portal.slack.web_api import SlackSaid, call

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def slack_id_of(person: "User") -> str:
    """Their id in Slack. Raises SlackSaid, `users_not_found` where there is nobody with their address."""
    found = call("users.lookupByEmail", email=person.email)["user"]
    if not _is_member(found):
        raise SlackSaid("users_not_found")
    return str(found["id"])


def person_of(slack_id: str) -> "User | None":
    """The one active person with the address of this member; None where there is none, or several. Raises SlackSaid."""
    found = call("users.info", user=slack_id)["user"]
    email = (found.get("profile") or {}).get("email") if _is_ours(found) else None
    if not email:
        return None
    people = list(get_user_model().objects.filter(is_active=True, email__iexact=email)[:2])
    return people[0] if len(people) == 1 else None


def _is_ours(found: dict[str, Any]) -> bool:
    """Whether a member belongs to the workspace, or to the organisation, of the app itself."""
    if not _is_member(found):
        return False
    own = call("auth.test")
    organisation = (found.get("enterprise_user") or {}).get("enterprise_id")
    same = organisation is not None and organisation == own.get("enterprise_id")
    return same or found.get("team_id") == own.get("team_id")


def _is_member(found: dict[str, Any]) -> bool:
    return not any(found.get(name) for name in ("deleted", "is_bot", "is_stranger", "is_app_user"))
