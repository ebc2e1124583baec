"""The public address: whether the portal answers there, as itself, and what the proxy makes of requests and answers."""

import ssl
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hitl_portal.doctor import seeing
from hitl_portal.doctor.findings import Check, Finding, Subject, failed, ok, skipped, together, warning
from hitl_portal.doctor.reaching import Reply, Unreached, below, fetch, not_reached, unreached

RENEW_WITHIN = 14  # days
DAY = 86_400


def address() -> Finding:
    """Whether a process of this portal answers /healthz there."""
    began = time.monotonic()
    try:
        reply = fetch(below("/healthz"))
        if reply.status != 200:
            return _strange(reply)
        seeing.look()
    except Unreached as error:
        return not_reached(error)
    except seeing.Strange as strange:
        return _strange(strange.reply)
    took = (time.monotonic() - began) * 1000
    return ok(
        _("%(url)s answers, and it is this portal (%(ms).0f ms).")
        % {"url": settings.HITL_PUBLIC_URL, "ms": took}
    )


def _strange(reply: Reply) -> Finding:
    url = settings.HITL_PUBLIC_URL
    if 300 <= reply.status < 400:
        found = _("%(url)s leads elsewhere: %(status)d to %(place)s.") % {
            "url": url,
            "status": reply.status,
            "place": reply.headers.get("location", "?"),
        }
        return failed(
            found, _("Set HITL_PUBLIC_URL to the address at the end, with its scheme, host and path.")
        )
    if reply.status == 400:
        found = _("%(url)s answers 400: the portal there does not know this host.") % {"url": url}
        remedy = _(
            "The proxy must pass the Host header on, or ALLOWED_HOSTS must have the host that it sends."
        )
        return failed(found, remedy)
    if reply.status >= 500:
        found = _("%(url)s answers %(status)d.") % {"url": url, "status": reply.status}
        remedy = _(
            "The proxy does not reach the web process, or that has an error: look at the logs of both."
        )
        return failed(found, remedy)
    found = _("What answers at %(url)s is not this portal (status %(status)d).") % {
        "url": url,
        "status": reply.status,
    }
    remedy = _(
        "Look whether HITL_PUBLIC_URL has the right host and path, whether the proxy leads to this portal, and whether"
        " every process has the same SECRET_KEY."
    )
    return failed(found, remedy)


def proxy() -> Finding:
    """Whether the portal hears from the proxy how people have asked it."""
    try:
        seen = seeing.look()
    except (Unreached, seeing.Strange):
        return _see_above()
    return together(
        _misheard(seen), _("It hears the right scheme and host (%(scheme)s, %(host)s).") % vars(seen)
    )


def _misheard(seen: seeing.Seen) -> Iterator[Finding]:
    outside = urlsplit(settings.HITL_PUBLIC_URL)
    if seen.scheme != outside.scheme:
        found = _("People ask by %(outside)s, and the portal hears %(scheme)s.") % {
            "outside": outside.scheme,
            "scheme": seen.scheme,
        }
        yield failed(found, _scheme_remedy(outside.scheme))
    if seen.host.removesuffix(":443").removesuffix(":80") != outside.netloc.removesuffix(":443").removesuffix(
        ":80"
    ):
        found = _("People ask for %(outside)s, and the portal hears %(host)s.") % {
            "outside": outside.netloc,
            "host": seen.host,
        }
        yield failed(found, _("Let the proxy pass on the Host header as it came (nginx: $http_host)."))


def _scheme_remedy(wanted: str) -> str:
    if wanted == "https":
        return _(
            "Let the proxy set X-Forwarded-Proto, and set HITL_BEHIND_PROXY=1 for the portal: else forms are refused."
        )
    return _("HITL_PUBLIC_URL says http: set it to the https address that people use.")


def page() -> Finding:
    """Whether a page arrives as it was sent: with its rules for browsers."""
    try:
        reply = fetch(reverse("accounts:sign-in"))
    except Unreached:
        return _see_above()
    is_page = reply.headers.get("content-type", "").startswith("text/html")
    if reply.status != 200 or not is_page:
        found = _("The sign-in page came with status %(status)d.") % {"status": reply.status}
        return failed(
            found, _("Look at the log of the web process, and at what the proxy does with this address.")
        )
    return together(_lost(reply), _("The sign-in page arrives whole, with its rules for browsers."))


def _lost(reply: Reply) -> Iterator[Finding]:
    wanted = ["Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options"]
    wanted += ["Strict-Transport-Security"] if settings.IS_HTTPS else []
    missing = [name for name in wanted if name not in reply.headers]
    if missing:
        found = _("Headers that protect people got lost on the way: %(names)s.") % {
            "names": ", ".join(missing)
        }
        yield failed(found, _("Do not let the proxy take them off or replace them."))
    if len(reply.headers.get_list("content-security-policy")) > 1:
        yield warning(
            _("Somebody has added a second Content-Security-Policy."),
            _(
                "Let the proxy set none: the portal sends its own, and both together may stop pages from working."
            ),
        )


def static_files() -> Finding:
    """Whether the style of the pages arrives."""
    from django.templatetags.static import static

    try:
        path = static("css/portal.css")
    except ValueError:
        return failed(
            _("The manifest of static files has no css/portal.css."),
            _("Run manage.py collectstatic with the settings of the web process (HITL_STATIC_MANIFEST=1)."),
        )
    try:
        reply = fetch(path)
    except Unreached:
        return _see_above()
    if reply.status != 200 or not reply.headers.get("content-type", "").startswith("text/css"):
        found = _("%(path)s came with status %(status)d as %(type)s.") % {
            "path": path,
            "status": reply.status,
            "type": reply.headers.get("content-type", "?"),
        }
        remedy = _(
            "Let the proxy pass /static/ on to the portal; with HITL_STATIC_MANIFEST=1 run manage.py collectstatic"
            " after each upgrade."
        )
        return failed(found, remedy)
    return ok(
        _("%(path)s arrives; browsers may keep it: %(kept)s.")
        % {"path": path, "kept": reply.headers.get("cache-control", "-")}
    )


def certificate() -> Finding:
    """How long the certificate is still good; a bad one was not reached at all."""
    if not settings.IS_HTTPS:
        return skipped(_("The public address has no encryption, and so no certificate."))
    try:
        ends = fetch(below("/healthz")).certificate.get("notAfter", "")
    except Unreached:
        return _see_above()
    days = int((ssl.cert_time_to_seconds(str(ends)) - time.time()) // DAY)
    if days < RENEW_WITHIN:
        found = _("The certificate ends in %(days)d days (%(ends)s).") % {"days": days, "ends": ends}
        return warning(found, _("Renew it, and look why that did not happen by itself."))
    return ok(_("It is trusted, and good for %(days)d days.") % {"days": days})


def _see_above() -> Finding:
    return unreached() or skipped(_("What answers there is not this portal: see the public address."))


SUBJECT = Subject(
    name="public",
    title=gettext_lazy("The public address"),
    checks=(
        Check(
            name="public-address",
            title=gettext_lazy("Public address"),
            looked_at=gettext_lazy("Fetches /healthz and a signed address at HITL_PUBLIC_URL."),
            look=address,
            seconds=15,
        ),
        Check(
            name="proxy",
            title=gettext_lazy("Proxy"),
            looked_at=gettext_lazy("Compares how the doctor has asked with what the portal has heard."),
            look=proxy,
        ),
        Check(
            name="page",
            title=gettext_lazy("A page"),
            looked_at=gettext_lazy("Fetches the sign-in page and looks at its headers."),
            look=page,
        ),
        Check(
            name="static-files",
            title=gettext_lazy("Static files"),
            looked_at=gettext_lazy("Looks up a stylesheet and fetches it."),
            look=static_files,
        ),
        Check(
            name="certificate",
            title=gettext_lazy("Certificate"),
            looked_at=gettext_lazy("Looks how long the certificate of the public address is good."),
            look=certificate,
        ),
    ),
)
