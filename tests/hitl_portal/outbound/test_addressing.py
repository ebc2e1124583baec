"""Nothing leads a post to where only the portal could go: the corpus of tricks, and what the settings open."""

from ipaddress import ip_network

import pytest

from hitl_portal.outbound.addressing import Refused, Rules, checked, target

PUBLIC = Rules()
INSIDE = (
    *("0.0.0.0", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.9.9.9", "169.254.169.254", "169.254.170.2"),
    *("172.16.0.1", "172.31.255.255", "192.0.0.192", "192.168.1.1", "198.18.0.1", "224.0.0.1", "239.1.1.1"),
    *("255.255.255.255", "192.0.2.1", "203.0.113.9", "168.63.129.16", "192.88.99.1", "240.0.0.1"),
    *("::", "::1", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "fec0::1", "2001:db8::1", "2001::1"),
    *("::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:a9fe:a9fe", "::127.0.0.1", "64:ff9b::7f00:1"),
    *("64:ff9b::808:808", "64:ff9b:1::1", "2002:7f00:1::", "2002:808:808::1", "100::1", "3fff::1"),
)
NOT_READ = (
    *("ftp://example.org/", "file:///etc/passwd", "gopher://example.org/", "//example.org/", "example.org"),
    *(
        "http://example.org/",
        "https://",
        "https:///path",
        "https://example.org:8443/",
        "https://example.org:22",
    ),
    *("https://user@example.org/", "https://user:word@example.org/", "https://example.org@127.0.0.1/"),
    *("https://example.org/#there", "https://example.org\\@127.0.0.1/", "https://exam ple.org/"),
    *("https://example.org/\r\nHost: inside", "https://example.org/\x00", "https://example.org:0443x/"),
    *("https://[::1%25eth0]/", "https://[::1", "https://exa..mple.org/", "https://-example.org/"),
    *(
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0x7f.1/",
        "https://0177.0.0.1/",
        "https://127.1/",
    ),
    *("https://127.0.0.1.1/", "https://1/", "https://127.0.0.1./", "https://012.1.2.3/", "https://0x/"),
    *(
        "https://①②⑦.0.0.1/",
        "https://\uff45xample.org/",
        "https://127。0。0。1/",
        "https://" + "a" * 1000 + "/",
    ),
)


def of(url: str, *addresses: str, rules: Rules = PUBLIC) -> list[str]:
    return checked(target(url, rules), rules, lambda host, port: list(addresses))


@pytest.mark.parametrize("address", INSIDE)
def test_what_is_inside_is_refused_whatever_it_is_called(address: str) -> None:
    with pytest.raises(Refused):
        of("https://example.org/", address)


@pytest.mark.parametrize("url", NOT_READ)
def test_what_can_be_read_in_two_ways_is_not_read_at_all(url: str) -> None:
    with pytest.raises(Refused):
        target(url, PUBLIC)


@pytest.mark.parametrize("address", ["93.184.215.14", "8.8.8.8", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_what_everybody_can_reach_is_open(address: str) -> None:
    assert of("https://example.org/hook?a=1", address) == [address]


@pytest.mark.parametrize("url", ["https://127.0.0.1/", "https://[::1]/", "https://[::ffff:7f00:1]/"])
def test_addresses_in_place_of_names_are_checked_too(url: str) -> None:
    found = target(url, PUBLIC)
    with pytest.raises(Refused):
        checked(found, PUBLIC, lambda host, port: [host])


def test_one_address_inside_refuses_the_name() -> None:
    with pytest.raises(Refused, match=r"10\.0\.0\.1"):
        of("https://example.org/", "8.8.8.8", "10.0.0.1")


@pytest.mark.parametrize("addresses", [(), ("no address",)])
def test_a_name_that_leads_nowhere_is_refused(addresses: tuple[str, ...]) -> None:
    with pytest.raises(Refused, match="leads nowhere"):
        of("https://example.org/", *addresses)


def test_a_network_that_is_named_is_open() -> None:
    rules = Rules(networks=(ip_network("10.1.0.0/16"),))

    assert of("https://inside.example/", "10.1.2.3", rules=rules) == ["10.1.2.3"]
    with pytest.raises(Refused):
        of("https://inside.example/", "10.2.0.1", rules=rules)


def test_a_host_that_is_named_is_open_but_not_what_clouds_keep_their_keys_at() -> None:
    rules = Rules(hosts=frozenset({"inside.example"}))

    assert of("https://INSIDE.example/", "192.168.1.9", rules=rules) == ["192.168.1.9"]
    for address in ("169.254.169.254", "fe80::1", "::ffff:10.0.0.1", "0.0.0.0", "fd00:ec2::254"):
        with pytest.raises(Refused):
            of("https://inside.example/", address, rules=rules)


def test_a_translating_network_that_is_named_opens_only_what_would_be_open_without_it() -> None:
    rules = Rules(networks=(ip_network("64:ff9b::/96"),))

    assert of("https://example.org/", "64:ff9b::808:808", rules=rules)
    with pytest.raises(Refused):
        of("https://example.org/", "64:ff9b::7f00:1", rules=rules)


def test_without_encryption_only_where_it_is_named() -> None:
    rules = Rules(http=frozenset({"inside.example", "other.example:8080"}))

    assert target("http://inside.example/", rules).port == 80
    assert target("http://other.example:8080/", rules).named_host == "other.example:8080"
    for url in ("http://inside.example:8080/", "http://other.example/", "http://third.example/"):
        with pytest.raises(Refused):
            target(url, rules)


def test_further_ports_where_they_are_named() -> None:
    assert target("https://example.org:8443/", Rules(ports=frozenset({443, 8443}))).port == 8443
