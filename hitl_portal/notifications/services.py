"""Services: Slack, Teams, ntfy and many others, through `apprise`: one address of a person's own tells which, and how.

The address is a secret, and foreign: only schemes that HITL_APPRISE_SCHEMES names are read, nothing in it may make the
library read a file, and it is connected to by the rules of outgoing webhooks.
"""

import json
import re
import warnings
from dataclasses import asdict, dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qsl, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hitl_portal.notifications.answering import with_answer_links
from hitl_portal.notifications.channels import Undelivered
from hitl_portal.notifications.kinds import USUAL
from hitl_portal.notifications.models import PURPOSE, Address
from hitl_portal.notifications.subscriptions import Unfit, kept
from hitl_portal.outbound.addressing import Refused, Rules, refuse_literal, target
from hitl_portal.sealing import Unreadable, unseal

if TYPE_CHECKING:
    from apprise import NotifyBase
    from django.contrib.auth.models import User

    from hitl_portal.notifications.composing import Item, Message

CHANNEL = "apprise"
LONGEST = 1000
LONGEST_NAME = 60
SECONDS = 20.0
MOST_TARGETS = 5
SCHEME = re.compile(r"[a-z0-9]+$")
UNPRINTABLE = re.compile(r"[\x00-\x20\x7f-\x9f]")
# What makes plugins read a file, or fetch one.
READING = frozenset(
    {"template", "attach", "attachment", "file", "config", "include", "keyfile", "image", "icon"}
)
# What chats take for a mention, a link or a style.
MARKS = str.maketrans(
    {
        "<": "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}",
        ">": "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}",
        "@": "\N{FULLWIDTH COMMERCIAL AT}",
        "#": "\N{FULLWIDTH NUMBER SIGN}",
        "*": "\N{ASTERISK OPERATOR}",
        "`": "'",
        "[": "(",
        "]": ")",
        "|": "\N{BROKEN BAR}",
    }
)


@dataclass(frozen=True, kw_only=True)
class Service:
    """An address as apprise writes it. `is_private`: only its person reads there, so that links may answer for them."""

    url: str
    is_private: bool = False

    @classmethod
    def read(cls, address: Address) -> Self:
        """What was kept. Raises sealing.Unreadable."""
        return cls(**json.loads(unseal(address.sealed, PURPOSE)))

    def plugin(self) -> "NotifyBase":
        """What sends there, tied down. Raises Unfit."""
        self._refuse_text()
        found = _instantiated(self.url)
        if found is None or any(map(_has_attachment, vars(found).values())):
            raise Unfit(
                _("This is no address that can be read. How they are written, apprise's own pages tell.")
            )
        if len(found) > MOST_TARGETS:
            raise Unfit(_("This goes to too many places at once."))
        _tie_down(found)
        _refuse_host(found)
        return found

    def _refuse_text(self) -> None:
        scheme, separator, _rest = self.url.partition("://")
        if not separator or len(self.url) > LONGEST or UNPRINTABLE.search(self.url):
            raise Unfit(
                _("This is no address that can be read. How they are written, apprise's own pages tell.")
            )
        if not SCHEME.match(scheme.lower()) or scheme.lower() not in settings.HITL_APPRISE_SCHEMES:
            raise Unfit(_("%(scheme)s:// is not open here.") % {"scheme": scheme[:20]})
        named = {name.lower() for name, _value in parse_qsl(urlsplit(self.url).query, keep_blank_values=True)}
        if named & READING:
            raise Unfit(_("%(name)s is not open here.") % {"name": min(named & READING)})


class Services:
    """To the services that a person has named."""

    name = CHANNEL
    title = gettext_lazy("Other services")
    usual = USUAL
    has_addresses = True

    @property
    def is_on(self) -> bool:
        """Some scheme is open."""
        return bool(settings.HITL_APPRISE_SCHEMES)

    def reaches(self, person: "User") -> bool:  # noqa: ARG002
        """Only through an address of theirs."""
        return False

    def send(self, person: "User", message: "Message", address: Address | None) -> str:
        """Have apprise send it."""
        assert address is not None
        try:
            service = Service.read(address)
            plugin = service.plugin()
        except (Unreadable, Unfit) as failed:
            raise Undelivered(str(failed), again=False) from None
        if service.is_private:
            message = with_answer_links(person, message)
        _hand_over(plugin, message)
        return ""


def keep(person: "User", service: Service, name: str) -> Address:
    """Keep an address of a person's. Raises Unfit."""
    plugin = service.plugin()
    label = " ".join(name.split())[:LONGEST_NAME]
    known = str(plugin.service_name)
    text = json.dumps(asdict(service))
    return kept(person, CHANNEL, text, mark=service.url, name=f"{label} ({known})" if label else known)


def body_of(message: "Message") -> str:
    """The message as plain text, with nothing in it that a chat would take for more."""
    told = [_told(item, is_alone=len(message.items) == 1) for item in message.items]
    return "\n\n".join([*told, ""]).rstrip()


def unmarked(text: str) -> str:
    """Foreign text without what mentions somebody, styles or links in chats."""
    return text.translate(MARKS)


def _told(item: "Item", *, is_alone: bool) -> str:
    head = [item.lead] if is_alone else [f"{unmarked(item.title)}"]
    facts = [f"{label}: {unmarked(text)}" for label, text in item.facts] if is_alone else []
    return "\n".join([*head, *facts, item.link])


def _hand_over(plugin: "NotifyBase", message: "Message") -> None:
    from apprise import NotifyFormat

    from hitl_portal.outbound.guard import guarded

    with guarded(SECONDS) as guard:
        title = unmarked(message.subject)
        taken = plugin.notify(title=title, body=body_of(message), body_format=NotifyFormat.TEXT)
    if not taken:
        raise Undelivered(guard.refused or "The service did not take it, or could not be reached")


def _instantiated(url: str) -> "NotifyBase | None":
    from apprise import Apprise, AppriseAsset

    _load()
    # Nothing is written to a disk, no other plugin is loaded, nothing leads elsewhere.
    asset = AppriseAsset(
        storage_mode="memory", http_redirects=False, app_id="HITL Portal", app_desc="HITL Portal"
    )
    return Apprise.instantiate(url, asset=asset)


@cache
def _load() -> None:
    """Have apprise load its plugins, some of which import what Python wants to get rid of."""
    from apprise.manager_plugins import NotificationManager

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        manager: Any = NotificationManager
        manager().load_modules()


def _tie_down(plugin: Any) -> None:
    plugin.redirects = False
    plugin.verify_certificate = True
    plugin.socket_connect_timeout = plugin.socket_read_timeout = SECONDS / 2
    plugin.request_rate_per_sec = 0.0


def _has_attachment(value: object) -> bool:
    from apprise import AppriseAttachment

    return isinstance(value, AppriseAttachment) and len(value) > 0


def _refuse_host(plugin: Any) -> None:
    """Where a person names the host, it is refused as an endpoint's would be. Raises Unfit."""
    is_named = any("{host}" in template for template in plugin.templates)
    if not is_named or not plugin.host or str(getattr(plugin, "mode", "")) == "cloud":
        return
    scheme = "https" if plugin.secure or not plugin.protocol else "http"
    port = f":{plugin.port}" if plugin.port else ""
    try:
        rules = Rules.of_settings()
        refuse_literal(target(f"{scheme}://{plugin.host}{port}/", rules), rules)
    except Refused as refused:
        raise Unfit(str(refused)) from None
