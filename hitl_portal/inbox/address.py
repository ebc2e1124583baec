"""Address: which part of the inbox a request is about: what its own address says, else the page that it came from.

A card does not know in which view it was opened: links and forms on it need not name the view to stay in it.
"""

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.http import HttpResponse, QueryDict
from django.urls import Resolver404, ResolverMatch, get_script_prefix, resolve, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import push_url, replace_url

from hitl_portal.inbox.filters import Filters

if TYPE_CHECKING:
    from uuid import UUID

    from hitl_portal.pages import PageRequest

PAGES = ("inbox:list", "inbox:detail")


def wanted(request: "PageRequest") -> Filters:
    """What the person looks at."""
    return Filters.of(query_of(request))


def query_of(request: "PageRequest") -> QueryDict:
    """The query of this address, or of the page that asks."""
    if request.GET or (
        request.resolver_match and request.resolver_match.view_name in ("inbox:list", "inbox:rows")
    ):
        return request.GET
    came_from = urlsplit(_came_from(request))
    match = _match(came_from.path)
    is_inbox = match is not None and match.view_name in PAGES
    return QueryDict(came_from.query) if is_inbox else QueryDict()


def suffix(request: "PageRequest") -> str:
    """The same view and page of it, as the end of an address: `?who=mine`, or nothing."""
    query = query_of(request)
    parts = [Filters.of(query).query]
    if query.get("after"):
        page = QueryDict(mutable=True)
        page["after"] = str(query["after"])
        parts.append(page.urlencode())
    said = "&".join(part for part in parts if part)
    return f"?{said}" if said else ""


def detail(request: "PageRequest", requirement_id: "UUID") -> str:
    """The address of a card in the view that the person looks at."""
    return reverse("inbox:detail", args=[requirement_id]) + suffix(request)


def located(request: "PageRequest", response: HttpResponse) -> HttpResponse:
    """Have htmx show in the browser where this is, where the page that asked is about something else."""
    here = request.path + suffix(request)
    return push_url(response, here) if request.htmx and _came_from(request) != here else response


def searched(request: "PageRequest", response: HttpResponse) -> HttpResponse:
    """Have htmx show in the browser what was searched for; a card that is open stays in the address."""
    shown = open_card(request)
    return replace_url(response, detail(request, shown) if shown else request.path + suffix(request))


def open_card(request: "PageRequest") -> "UUID | None":
    """The card on the page that asks for a fragment."""
    match = _match(urlsplit(_came_from(request)).path)
    found: UUID | None = match.kwargs.get("requirement_id") if match else None
    return found


def _came_from(request: "PageRequest") -> str:
    if request.htmx:
        return request.htmx.current_url_abs_path or ""
    referer = request.headers.get("referer", "")
    if not url_has_allowed_host_and_scheme(referer, {request.get_host()}):
        return ""
    return urlsplit(referer)._replace(scheme="", netloc="").geturl()


def _match(path: str) -> ResolverMatch | None:
    try:
        return resolve(path.removeprefix(get_script_prefix().rstrip("/")) or "/")
    except Resolver404:
        return None
