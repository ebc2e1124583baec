"""Settings: those that a portal for real use must not have otherwise."""

from collections.abc import Iterator
from ipaddress import ip_address

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hitl_portal.doctor.findings import Check, Finding, Subject, failed, ok, together, warning
from hitl_portal.doctor.reaching import origin


def for_trying() -> Finding:
    """Whether what is made for trying is off."""
    return together(_trying(), _("DEBUG and the demo are off."))


def _trying() -> Iterator[Finding]:
    if settings.DEBUG:
        yield failed(
            _("DEBUG is on: error pages show the settings and the code to everybody."),
            _("Take HITL_DEBUG away."),
        )
    if settings.HITL_DEMO:
        say = warning if _is_own_machine() else failed
        yield say(
            _("The demo is on: its people and workflows are there, and links that sign them in are printed."),
            _("Set HITL_DEMO=0 before others use the portal."),
        )


def transport() -> Finding:
    """Whether people's sessions cannot be read on the way."""
    return together(_readable(), _("People use https, and cookies are sent by nothing else."))


def _readable() -> Iterator[Finding]:
    if not settings.IS_HTTPS:
        say = warning if _is_own_machine() else failed
        yield say(
            _("HITL_PUBLIC_URL says http: whoever is on the way can read and change everything."),
            _("Put a proxy with a certificate in front, and set HITL_PUBLIC_URL to its https address."),
        )
        return
    loose = [name for name in ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE") if not getattr(settings, name)]
    if loose:
        yield failed(
            _("Cookies are sent without encryption too: %(names)s is off.") % {"names": ", ".join(loose)},
            _("Let the settings follow HITL_PUBLIC_URL, as they do by themselves."),
        )
    if not settings.SECURE_HSTS_SECONDS:
        yield warning(
            _("Browsers are not told to use https alone."),
            _("Let SECURE_HSTS_SECONDS be a year, as it is by itself."),
        )


def hosts() -> Finding:
    """Whether requests for other hosts, and forms of other sites, are refused."""
    return together(
        _open_hosts(), _("Only these are answered: %(names)s.") % {"names": ", ".join(settings.ALLOWED_HOSTS)}
    )


def _open_hosts() -> Iterator[Finding]:
    if "*" in settings.ALLOWED_HOSTS:
        yield failed(
            _("Every host is answered: links in messages could be made to lead elsewhere."),
            _("Name the portal's hosts in ALLOWED_HOSTS."),
        )
    if origin() not in settings.CSRF_TRUSTED_ORIGINS:
        yield failed(
            _("Forms that come from %(origin)s are refused.") % {"origin": origin()},
            _("Let CSRF_TRUSTED_ORIGINS have the public address, as it does by itself."),
        )


def proxy_trust() -> Finding:
    """Whether the portal believes a proxy exactly where there must be one."""
    if settings.IS_HTTPS and settings.SECURE_PROXY_SSL_HEADER is None:
        return failed(
            _(
                "People use https, and the portal believes no proxy that says so: their forms will be refused."
            ),
            _(
                "Set HITL_BEHIND_PROXY=1, where only a proxy that sets X-Forwarded-Proto itself reaches the portal."
            ),
        )
    if settings.SECURE_PROXY_SSL_HEADER is not None:
        return ok(
            _(
                "It believes X-Forwarded-Proto: no one but the proxy may reach the web process, and it must set it."
            )
        )
    return ok(_("It believes no proxy, and needs none for http."))


def _is_own_machine() -> bool:
    """The public address leads nowhere but to the machine of whoever tries it."""
    host = settings.PUBLIC.hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


SUBJECT = Subject(
    name="settings",
    title=gettext_lazy("Settings"),
    checks=(
        Check(
            name="for-trying",
            title=gettext_lazy("Trying"),
            looked_at=gettext_lazy("Looks whether DEBUG and the demo are off."),
            look=for_trying,
        ),
        Check(
            name="encryption",
            title=gettext_lazy("Encryption"),
            looked_at=gettext_lazy("Looks at the scheme of the public address, and at the cookies."),
            look=transport,
        ),
        Check(
            name="hosts",
            title=gettext_lazy("Hosts"),
            looked_at=gettext_lazy("Looks which hosts are answered, and whose forms are taken."),
            look=hosts,
        ),
        Check(
            name="proxy-trust",
            title=gettext_lazy("Trust in the proxy"),
            looked_at=gettext_lazy("Looks whether X-Forwarded-Proto is believed."),
            look=proxy_trust,
        ),
    ),
)
