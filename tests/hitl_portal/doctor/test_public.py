"""What is reached at the public address, and what a proxy in between does to it."""

import time
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from hitl_portal.doctor import clocks, live, public, reaching
from hitl_portal.doctor.findings import Finding, State
from hitl_portal.doctor.link import link
from hitl_portal.doctor.stand_in import PREFIX
from tests.e2e.portal import free_port
from tests.hitl_portal.doctor.proxy import Head, Proxy, instead, without

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.one_database]

LOOKS = (
    public.address,
    public.proxy,
    public.page,
    public.static_files,
    live.websocket,
    link,
    clocks.web_clocks,
)
ELSEWHERE = (
    b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
)
ANOTHER = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n"


def has_failed(finding: Finding, *words: str) -> bool:
    said = f"{finding.found} {finding.remedy}"
    return finding.state is State.FAILED and all(word in said for word in words)


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.__name__)
def test_all_is_well_behind_a_proxy_that_does_its_work(proxy: Proxy, look: Any) -> None:
    assert look().state is State.OK


def test_nobody_is_left_behind(proxy: Proxy) -> None:
    live.websocket()
    link()

    assert not User.objects.filter(username__startswith=PREFIX).exists()


def test_a_public_address_where_nobody_listens_has_failed(settings: Any) -> None:
    settings.HITL_PUBLIC_URL = f"http://localhost:{free_port()}"

    assert has_failed(public.address(), settings.HITL_PUBLIC_URL, "does not answer", "HITL_PUBLIC_URL")


@pytest.mark.parametrize("look", LOOKS[1:], ids=lambda look: look.__name__)
def test_what_goes_through_it_is_skipped_then(settings: Any, look: Any) -> None:
    settings.HITL_PUBLIC_URL = f"http://localhost:{free_port()}"

    assert look().state is State.SKIPPED


def test_another_server_there_is_not_taken_for_the_portal(proxy: Proxy) -> None:
    proxy.behave(answers=ANOTHER)

    assert has_failed(public.address(), "is not this portal")
    assert public.proxy().state is State.SKIPPED


def test_a_portal_with_another_secret_is_not_taken_for_this_one(proxy: Proxy, settings: Any) -> None:
    settings.SECRET_KEY = "another"

    assert has_failed(public.address(), "SECRET_KEY")
    assert has_failed(link(), "SECRET_KEY")
    assert has_failed(live.websocket(), "does not know somebody")


def test_it_is_not_led_elsewhere(proxy: Proxy) -> None:
    proxy.behave(answers=ELSEWHERE)

    assert has_failed(public.address(), "leads elsewhere", "http://127.0.0.1:9/")


def test_only_paths_below_the_public_address_can_be_fetched() -> None:
    for path in ("//elsewhere.example/", "http://elsewhere.example/", "@elsewhere.example/"):
        with pytest.raises(AssertionError):
            reaching.fetch(path)


def test_a_proxy_in_the_environment_is_not_asked(proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")

    assert public.address().state is State.OK


def test_a_host_that_the_portal_does_not_know_is_told_of(proxy: Proxy) -> None:
    proxy.behave(asking=instead("Host", "portal.internal"))

    assert has_failed(public.address(), "ALLOWED_HOSTS")


def test_a_host_that_the_proxy_has_changed_is_told_of(proxy: Proxy) -> None:
    proxy.behave(asking=instead("Host", "127.0.0.1"))

    assert has_failed(public.proxy(), "hears 127.0.0.1", "Host header")


def test_a_scheme_that_the_proxy_gets_wrong_is_told_of(proxy: Proxy) -> None:
    proxy.behave(asking=instead("X-Forwarded-Proto", "https"))

    assert has_failed(public.proxy(), "hears https")


def test_a_header_that_got_lost_is_told_of(proxy: Proxy) -> None:
    proxy.behave(answering=without("Content-Security-Policy"))

    assert has_failed(public.page(), "Content-Security-Policy")


def test_a_second_policy_is_told_of(proxy: Proxy) -> None:
    proxy.behave(answering=lambda head: [*head, b"Content-Security-Policy: default-src 'self'"])

    assert public.page().state is State.WARNING


def test_static_files_that_come_as_something_else_are_told_of(proxy: Proxy) -> None:
    proxy.behave(answering=instead("Content-Type", "text/html"))

    assert has_failed(public.static_files(), "/static/")


def test_a_proxy_that_drops_websockets_is_told_of(proxy: Proxy) -> None:
    proxy.behave(asking=lambda head: without("Upgrade")(instead("Connection", "close")(head)))

    assert has_failed(live.websocket(), "was not opened", "Upgrade")


def test_a_proxy_that_cuts_websockets_off_is_told_of(proxy: Proxy) -> None:
    proxy.behave(cuts=True)

    assert has_failed(live.websocket(), "cut off")


def test_a_proxy_that_holds_messages_back_is_told_of(proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "PATIENCE", 0.3)
    proxy.behave(holds=True)

    assert has_failed(live.websocket(), "no buffering")


def test_an_origin_that_the_proxy_has_changed_is_told_of(proxy: Proxy) -> None:
    proxy.behave(asking=instead("Origin", "https://elsewhere.example"))

    assert has_failed(live.websocket(), "refuses the origin")


def test_cookies_that_get_lost_are_told_of(proxy: Proxy) -> None:
    proxy.behave(asking=without("Cookie"))

    assert has_failed(live.websocket(), "cookies")


def test_a_log_that_is_not_ours_is_told_of(proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hitl_portal.doctor.live.tail.latest", lambda: 7)

    assert has_failed(live.websocket(), "DATABASE_URL")


def test_a_link_that_is_used_up_by_following_it_is_told_of(proxy: Proxy) -> None:
    def pressing(head: Head) -> Head:
        User.objects.filter(username__startswith=PREFIX).update(last_login=timezone.now())
        return head

    proxy.behave(asking=pressing)

    assert has_failed(link(), "signed somebody in")


def test_a_link_whose_path_is_changed_is_told_of(proxy: Proxy) -> None:
    proxy.behave(asking=lambda head: [head[0].replace(b"/accounts/", b"/portal/"), *head[1:]])

    assert has_failed(link(), "404")


def test_the_date_of_a_proxy_whose_clock_is_wrong_is_told_of(proxy: Proxy) -> None:
    proxy.behave(answering=instead("Date", "Sat, 21 Nov 2020 12:00:00 GMT"))

    assert has_failed(clocks.web_clocks(), "the proxy", "behind")


def test_a_clock_of_ours_that_is_wrong_is_told_of(proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    real = time.time
    monkeypatch.setattr("hitl_portal.doctor.seeing.time.time", lambda: real() - 90)

    assert has_failed(clocks.web_clocks(), "the web process", "90 s ahead of")
