"""Push to a real receiver: only the browser reads it, the service knows who sends, and who is gone is forgotten."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import http_ece  # type: ignore[import-untyped]
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.test import Client
from py_vapid import Vapid02  # type: ignore[import-untyped]

from hitl_portal.notifications import outbox
from hitl_portal.notifications.models import Address, Dispatch, VapidKey
from hitl_portal.notifications.subscriptions import Unfit, keep, name_of
from hitl_portal.notifications.vapid import public_key
from tests.hitl_portal.notifications.conftest import carried, opened
from tests.hitl_portal.notifications.told import Told
from tests.hitl_portal.outbound.receiver import Post, Receiver, Reply, receiving
from workflows.models import Requirement

pytestmark = pytest.mark.django_db

AUTH = b"0123456789abcdef"


@dataclass(frozen=True, kw_only=True)
class Browser:
    """What a browser keeps for itself, and what it gives away."""

    key: ec.EllipticCurvePrivateKey
    endpoint: str

    def subscription(self, **changed: Any) -> str:
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        keys = {"p256dh": urlsafe_b64encode(point).decode().rstrip("="), "auth": coded(AUTH)}
        return json.dumps({"endpoint": self.endpoint, "expirationTime": None, "keys": keys} | changed)

    def read(self, post: Post) -> Any:
        return json.loads(http_ece.decrypt(post.body, private_key=self.key, auth_secret=AUTH))


def coded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


@pytest.fixture
def receiver(settings: LazySettings, told: Told) -> Iterator[Receiver]:
    """Give a push service that may be posted to."""
    with receiving() as found:
        settings.HITL_OUTBOUND_ALLOW = ["127.0.0.0/8"]
        settings.HITL_OUTBOUND_HTTP = [f"127.0.0.1:{found.port}"]
        settings.HITL_CHANNELS = ["hitl_portal.notifications.push.Push"]
        found.usual = Reply(status=201, headers={"location": "https://push.example/m/1"})
        yield found


@pytest.fixture
def browser(receiver: Receiver) -> Browser:
    return Browser(key=ec.generate_private_key(ec.SECP256R1()), endpoint=receiver.url)


def test_only_the_browser_reads_a_title_and_a_link(
    browser: Browser, receiver: Receiver, requirement: Requirement, reviewer: User
) -> None:
    keep(reviewer, browser.subscription(), "")
    opened(requirement)
    assert carried() == 1

    post = receiver.posts[0]
    link = f"http://localhost:8000/requirements/{requirement.pk}/"
    assert browser.read(post) == {"title": "Refund: Pay 249.50?", "link": link}
    assert (post.headers["content-encoding"], post.headers["urgency"]) == ("aes128gcm", "high")
    assert post.headers["topic"] == Dispatch.objects.get().pk.hex
    assert Dispatch.objects.get().receipt == "https://push.example/m/1"


def test_the_service_can_tell_who_sends(browser: Browser, receiver: Receiver, reviewer: User) -> None:
    outbox.try_out(reviewer, "push", keep(reviewer, browser.subscription(), ""))
    carried()
    said = receiver.posts[0].headers["authorization"]

    assert Vapid02.verify(said)
    assert said.endswith(f"k={public_key()}")


def test_the_key_is_made_once_and_sealed(db: None) -> None:
    assert public_key() == public_key()
    assert "PRIVATE" not in VapidKey.objects.get().sealed


def test_an_address_is_sealed(browser: Browser, receiver: Receiver, reviewer: User) -> None:
    found = keep(reviewer, browser.subscription(), "")

    assert browser.endpoint not in repr(vars(found))
    assert keep(reviewer, browser.subscription(), "").pk == found.pk


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_is_gone_is_forgotten(
    browser: Browser, receiver: Receiver, reviewer: User, status: int
) -> None:
    address = keep(reviewer, browser.subscription(), "")
    receiver.usual = Reply(status=status)
    outbox.try_out(reviewer, "push", address)
    carried()
    address.refresh_from_db()

    assert (address.sealed, Address.objects.there().exists()) == ("", False)
    assert Dispatch.objects.get().status == "failed"


def test_one_that_comes_back_after_that_is_kept_anew(
    browser: Browser, receiver: Receiver, reviewer: User
) -> None:
    keep(reviewer, browser.subscription(), "").forget()
    keep(reviewer, browser.subscription(), "")

    assert Address.objects.there().count() == 1


@pytest.mark.parametrize(
    ("status", "standing"), [(403, "failed"), (413, "failed"), (500, "pending"), (429, "pending")]
)
def test_what_may_be_otherwise_later_is_tried_again(
    browser: Browser, receiver: Receiver, reviewer: User, status: int, standing: str
) -> None:
    receiver.usual = Reply(status=status)
    outbox.try_out(reviewer, "push", keep(reviewer, browser.subscription(), ""))
    carried()

    assert Dispatch.objects.get().status == standing


@pytest.mark.parametrize(
    "changed",
    [
        {"endpoint": "http://169.254.169.254/latest"},
        {"endpoint": "https://127.1/"},
        {"endpoint": "https://user:password@push.example/"},
        {"endpoint": "file:///etc/passwd"},
        {"endpoint": None},
        {"keys": {}},
        {"keys": {"p256dh": coded(b"\4" + b"\1" * 64), "auth": coded(AUTH)}},
        {"keys": None},
    ],
)
def test_what_is_no_browser_is_refused(
    browser: Browser, settings: LazySettings, reviewer: User, changed: dict[str, Any]
) -> None:
    settings.HITL_OUTBOUND_ALLOW = []
    settings.HITL_OUTBOUND_HTTP = []
    with pytest.raises(Unfit):
        keep(reviewer, browser.subscription(**changed), "")


@pytest.mark.parametrize("text", ["", "[]", "nonsense", '"a"', "[" * 3000, "x" * 5000])
def test_nor_is_anything_else_read(receiver: Receiver, reviewer: User, text: str) -> None:
    with pytest.raises(Unfit):
        keep(reviewer, text, "")


def test_where_the_rules_are_others_by_now_nothing_is_posted(
    browser: Browser, receiver: Receiver, reviewer: User, settings: LazySettings
) -> None:
    outbox.try_out(reviewer, "push", keep(reviewer, browser.subscription(), ""))
    settings.HITL_OUTBOUND_ALLOW = []
    carried()

    assert receiver.posts == []
    assert Dispatch.objects.get().status == "failed"


def test_the_page_keeps_what_the_browser_gives(browser: Browser, receiver: Receiver, reviewer: User) -> None:
    client = Client(headers={"user-agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"})
    client.force_login(reviewer)
    client.post("/notifications/browser/", {"subscription": browser.subscription()})

    assert Address.objects.get().name == "Firefox, Linux"
    shown = client.get("/notifications/settings/").content.decode()
    assert "Firefox, Linux" in shown
    assert browser.endpoint not in shown
    assert f'data-key="{public_key()}"' in shown


def test_nobody_has_very_many(browser: Browser, receiver: Receiver, reviewer: User) -> None:
    for number in range(10):
        keep(reviewer, browser.subscription(endpoint=f"{receiver.url}/{number}"), "")
    with pytest.raises(Unfit):
        keep(reviewer, browser.subscription(), "")


def test_a_browser_is_called_what_people_call_it() -> None:
    edge = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0"

    assert name_of(edge) == "Edge, Windows"
    assert name_of("curl/8") == "Browser"
