"""Links: whether one that we send out opens its page, and that following it changes nothing."""

from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hitl_portal.accounts.links import sign_in_url
from hitl_portal.doctor.findings import Check, Finding, failed, ok
from hitl_portal.doctor.reaching import Reply, Unreached, fetch, unreached
from hitl_portal.doctor.stand_in import a_stand_in

# As the previews of chats and the scanners of mail do.
FOLLOWED = 2
GONE = 410


def link() -> Finding:
    """Follow the sign-in link of a stand-in, twice, with GET."""
    missing = unreached()
    if missing:
        return missing
    with a_stand_in() as person:
        path = urlsplit(sign_in_url(person)).path
        try:
            replies = [fetch(path) for _number in range(FOLLOWED)]
        except Unreached as error:
            return failed(
                _("The link was not answered: %(error)s") % {"error": error},
                _("See the public address, and what the proxy does with long addresses."),
            )
        person.refresh_from_db()
        is_used = person.last_login is not None or any(_signs_in(reply) for reply in replies)
    return _found([reply.status for reply in replies], is_used=is_used)


def _signs_in(reply: Reply) -> bool:
    return any(
        cookie.startswith(f"{settings.SESSION_COOKIE_NAME}=")
        for cookie in reply.headers.get_list("set-cookie")
    )


def _found(statuses: list[int], *, is_used: bool) -> Finding:
    if is_used:
        return failed(
            _("Following a link with GET has signed somebody in."),
            _(
                "Something on the way presses buttons: nothing but the person may. Do not send links until it is found."
            ),
        )
    if statuses == [200] * FOLLOWED:
        return ok(_("A sign-in link opens its page, also twice, and following it changes nothing."))
    if GONE in statuses:
        return failed(
            _("The portal at the public address does not know a link that was made here."),
            _("Give every process the same SECRET_KEY and the same database."),
        )
    found = _("A link that is good came with status %(statuses)s.") % {
        "statuses": ", ".join(map(str, statuses))
    }
    return failed(
        found, _("Let the proxy pass addresses on as they are: their path too, and nothing before it.")
    )


CHECK = Check(
    name="link",
    title=gettext_lazy("Links in messages"),
    looked_at=gettext_lazy(
        "Follows a sign-in link twice, as previews of chats do, and looks whether that changes anything."
    ),
    look=link,
    seconds=20,
)
