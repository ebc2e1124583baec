"""Which addresses may be posted to: scheme, host, port, and what the host's name turns out to be. Sends nothing.

Only what everybody on the internet could reach is open by itself. The settings open more: HITL_OUTBOUND_ALLOW names
hosts or networks, HITL_OUTBOUND_HTTP hosts that may be reached without encryption, HITL_OUTBOUND_PORTS further ports.
"""

import re
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.utils.translation import gettext as _

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolver = Callable[[str, int], list[str]]

LONGEST = 1000
HTTPS_PORT, HTTP_PORT = 443, 80
NUMERIC = re.compile(r"(\d+|0[xX][0-9a-fA-F]*)$")
NAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?\.?$")
UNPRINTABLE = re.compile(r"[\x00-\x20\x7f-\x9f\\]")

# What the registries of IANA keep from the internet; by hand, because Python's own lists differ by its version.
NOT_PUBLIC = tuple(
    ip_network(network)
    for network in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15"),
        *("198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "168.63.129.16/32"),
        *("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"),
    )
)
GLOBAL_V6 = IPv6Network("2000::/3")
# What a host's name alone does not open: only who names the network means these.
NEVER_BY_NAME = tuple(
    ip_network(network)
    for network in ("0.0.0.0/8", "169.254.0.0/16", "168.63.129.16/32", "224.0.0.0/4", "240.0.0.0/4")
) + tuple(ip_network(network) for network in ("::/128", "fe80::/10", "ff00::/8", "fd00:ec2::254/128"))
# Networks whose addresses carry an IPv4 address, and how far from the right it stands.
CARRIERS = (
    (IPv6Network("::ffff:0:0/96"), 0),
    (IPv6Network("64:ff9b::/96"), 0),
    (IPv6Network("2002::/16"), 80),
    (IPv6Network("::/96"), 0),
)


class Refused(Exception):
    """The address may not be posted to; the message says why, to whoever has typed it in."""


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What is open besides the public internet by https."""

    hosts: frozenset[str] = frozenset()
    networks: tuple[Network, ...] = ()
    http: frozenset[str] = frozenset()
    ports: frozenset[int] = frozenset({HTTPS_PORT})

    @classmethod
    def of_settings(cls) -> "Rules":
        """As HITL_OUTBOUND_ALLOW, HITL_OUTBOUND_HTTP and HITL_OUTBOUND_PORTS say. Raises ValueError."""
        hosts, networks = _told_apart(settings.HITL_OUTBOUND_ALLOW)
        return cls(
            hosts=frozenset(hosts),
            networks=tuple(networks),
            http=frozenset(host.lower() for host in settings.HITL_OUTBOUND_HTTP),
            ports=frozenset(map(int, settings.HITL_OUTBOUND_PORTS)) | {HTTPS_PORT},
        )

    def opens(self, address: Address, host: str) -> bool:
        """Whether this address, which that host has, may be connected to."""
        if any(address in network for network in self.networks):
            inner = carried(address)
            return inner is None or is_public(inner) or self.opens(inner, host)
        if host.lower() in self.hosts:
            return carried(address) is None and not any(address in network for network in NEVER_BY_NAME)
        return is_public(address)


@dataclass(frozen=True, kw_only=True)
class Target:
    """An address as it was read, once: nothing looks at the text again."""

    scheme: str
    host: str
    port: int
    path: str = field(repr=False)

    @property
    def named_host(self) -> str:
        """Host and port as the header has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        default = HTTPS_PORT if self.scheme == "https" else HTTP_PORT
        return host if self.port == default else f"{host}:{self.port}"


def target(url: str, rules: Rules) -> Target:
    """What an address says, where scheme, host and port may be posted to. Raises Refused; asks no resolver."""
    if len(url) > LONGEST or not url.isascii() or UNPRINTABLE.search(url):
        raise Refused(_("This is no address that can be posted to."))
    import httpx  # here, as every process imports this module for its models, and few have such an address to read

    try:
        read = httpx.URL(url)
        found = Target(
            scheme=read.scheme,
            host=read.raw_host.decode().lower(),
            port=read.port or (HTTP_PORT if read.scheme == "http" else HTTPS_PORT),
            path=read.raw_path.decode(),
        )
    except (httpx.InvalidURL, ValueError):
        raise Refused(_("This is no address that can be posted to.")) from None
    if read.userinfo or read.fragment:
        raise Refused(_("An address here has no user, no password and no fragment."))
    _refuse_host(found.host)
    _refuse_way(found, rules)
    return found


def checked(found: Target, rules: Rules, resolver: Resolver) -> list[str]:
    """What the host is, asked once: the addresses to connect to. Raises Refused where one of them is not open."""
    try:
        addresses = [ip_address(text) for text in resolver(found.host, found.port)]
    except (OSError, ValueError, UnicodeError):
        addresses = []
    if not addresses:
        raise Refused(_("The name %(host)s leads nowhere.") % {"host": found.host})
    for address in addresses:
        if not rules.opens(address, found.host):
            raise Refused(_said_of(address, found.host))
    return list(dict.fromkeys(map(str, addresses)))


def refuse_literal(found: Target, rules: Rules) -> None:
    """Where the host is an address itself, it can be told without a resolver. Raises Refused."""
    try:
        address = ip_address(found.host)
    except ValueError:
        return
    if not rules.opens(address, found.host):
        raise Refused(_said_of(address, found.host))


def resolve(host: str, port: int) -> list[str]:
    """What the system's resolver says."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


def is_public(address: Address) -> bool:
    """Everybody on the internet could reach it."""
    if isinstance(address, IPv6Address) and (address not in GLOBAL_V6 or address.scope_id):
        return False
    return not any(address in network for network in NOT_PUBLIC)


def carried(address: Address) -> IPv4Address | None:
    """The IPv4 address in one of IPv6 that stands for it: mapped, translated (NAT64) or tunnelled (6to4)."""
    if not isinstance(address, IPv6Address):
        return None
    for network, shift in CARRIERS:
        if address in network and int(address) > 1:
            return IPv4Address((int(address) >> shift) & 0xFFFFFFFF)
    return None


def _said_of(address: Address, host: str) -> str:
    if str(address) == host:
        return _("%(address)s is not open to webhooks.") % {"address": address}
    return _("%(host)s is %(address)s, which is not open to webhooks.") % {"host": host, "address": address}


def _refuse_host(host: str) -> None:
    if ":" in host:
        if "%" in host:
            raise Refused(_("An address here names no zone."))
        return
    if not NAME.match(host) or ".." in host:
        raise Refused(_("This is no address that can be posted to."))
    # 2130706433, 0177.0.0.1 and 0x7f.1 are read as addresses by some, and as names by others.
    if NUMERIC.match(host.rstrip(".").rpartition(".")[2]):
        try:
            IPv4Address(host)
        except ValueError:
            raise Refused(
                _("Numbers in place of a name must be an address as it is usually written.")
            ) from None


def _refuse_way(found: Target, rules: Rules) -> None:
    if found.scheme == "http":
        is_open = found.host in rules.http and found.port in {HTTP_PORT, *rules.ports}
        if not is_open and f"{found.host}:{found.port}" not in rules.http:
            raise Refused(_("Only addresses that begin with https:// can be posted to."))
    elif found.scheme != "https":
        raise Refused(_("Only addresses that begin with https:// can be posted to."))
    elif found.port not in rules.ports:
        raise Refused(_("This port is not open to webhooks."))


def _told_apart(entries: Iterable[str]) -> tuple[list[str], list[Network]]:
    """Hosts, and networks; a single address is a network of one."""
    hosts: list[str] = []
    networks: list[Network] = []
    for entry in entries:
        if "/" in entry or ":" in entry or NUMERIC.search(entry.rpartition(".")[2]):
            networks.append(ip_network(entry))
        else:
            hosts.append(entry.lower())
    return hosts, networks
