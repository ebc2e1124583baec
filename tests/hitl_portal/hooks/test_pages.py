"""The pages of webhook sources: admins make, change and try them; secrets are shown once, and nowhere else."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from hitl_portal.hooks.models import Delivery, WebhookSource
from tests.hitl_portal.conftest import SignIn
from tests.hitl_portal.hooks.conftest import Sender
from tests.hitl_portal.hooks.test_rules import SCHEMA
from tests.rows import a_workflow
from workflows.models import WorkflowRun

pytestmark = pytest.mark.django_db

SHOP = "/webhooks/sources/shop/"
LARGEST_PAGE = 40_000


@pytest.fixture
def browser(as_: SignIn, admin: User) -> Client:
    return as_(admin)


def filled_in(**fields: Any) -> dict[str, Any]:
    """What the form of a source sends."""
    given = {"name": "till", "signs": "standard", "workflow": a_workflow("refund").pk, "max_bytes": 1000}
    return given | {"per_minute": 60, "enabled": "on", "mapping": "", "naming": "", "do": "save"} | fields


def text(response: Any) -> str:
    return str(response.content.decode())


def carried(client: Client, response: Any) -> str:
    """All that a browser keeps: cookies, and what is in its session."""
    return str(response.cookies) + str(dict(client.session))


def test_a_new_source_shows_its_secret_once_and_in_no_cookie(browser: Client) -> None:
    response = browser.post("/webhooks/new/", filled_in())
    secret = WebhookSource.objects.get().secret

    assert secret in text(response)
    assert "no-store" in response["Cache-Control"]
    assert secret not in carried(browser, response)
    assert secret not in text(browser.get("/webhooks/sources/till/"))


@pytest.mark.parametrize("signs", ["stripe", "slack"])
def test_a_source_whose_secret_comes_from_elsewhere_asks_for_it(browser: Client, signs: str) -> None:
    page = text(browser.post("/webhooks/new/", filled_in(signs=signs), follow=True))

    assert "all its posts are refused" in page
    assert not WebhookSource.objects.get().secrets.exists()


def test_the_secret_of_the_other_side_is_kept_and_not_shown(browser: Client) -> None:
    browser.post("/webhooks/new/", filled_in(signs="stripe"))
    fields = {"text": "whsec_of_stripe_itself", "others": "day"}
    page = text(browser.post("/webhooks/sources/till/secrets/", fields, follow=True))

    assert WebhookSource.objects.get().secret == "whsec_of_stripe_itself"
    assert "whsec_of_stripe_itself" not in page


@pytest.mark.parametrize(
    "given", ["short", "whsec_AAAA", "whsec_not base64 at all, but long enough for that"]
)
def test_a_weak_secret_is_refused(browser: Client, source: WebhookSource, given: str) -> None:
    response = browser.post(f"{SHOP}secrets/", {"text": given, "others": "day"})

    assert response.status_code == 422
    assert given not in text(response)
    assert source.secrets.count() == 1


@pytest.mark.parametrize(("others", "still"), [("never", 2), ("day", 2), ("now", 1)])
def test_another_secret_is_made_and_the_old_ones_end_when_wanted(
    browser: Client, source: WebhookSource, others: str, still: int
) -> None:
    response = browser.post(f"{SHOP}secrets/", {"text": "", "others": others})

    assert source.secret in text(response)
    assert source.secret not in carried(browser, response)
    assert len(source.valid_secrets()) == still


def test_a_secret_is_ended(browser: Client, sender: Sender, source: WebhookSource) -> None:
    browser.post(f"/webhooks/secrets/{source.secrets.get().pk}/end/")

    assert sender.post({}).status_code == 401
    assert "all its posts are refused" in text(browser.get(SHOP))


def test_a_source_is_changed(browser: Client, source: WebhookSource) -> None:
    release = a_workflow("release")
    fields = filled_in(name="shop", mapping='{"id": "$.id"}', others=[release.pk], max_bytes=500)
    browser.post(f"{SHOP}change/", fields)
    source.refresh_from_db()

    assert (source.mapping, source.max_bytes, source.enabled) == ({"id": "$.id"}, 500, True)
    assert list(source.others.all()) == [release]


def test_what_it_signs_with_cannot_be_changed(browser: Client, source: WebhookSource) -> None:
    browser.post(f"{SHOP}change/", filled_in(name="shop", signs="github"))
    source.refresh_from_db()

    assert source.signs == "standard"


@pytest.mark.parametrize(
    "wrong",
    [
        {"mapping": "{"},
        {"mapping": '"$.["'},
        {"naming": "kind"},
        {"name": "two words"},
        {"max_bytes": 0},
        {"max_bytes": 10**9},
        {"per_minute": 0},
    ],
    ids=str,
)
def test_what_cannot_work_is_refused(browser: Client, source: WebhookSource, wrong: dict[str, Any]) -> None:
    before = WebhookSource.objects.values().get()
    response = browser.post(f"{SHOP}change/", filled_in(name="shop") | wrong)

    assert response.status_code == 422
    assert WebhookSource.objects.values().get() == before


def test_a_mapping_is_tried_on_a_payload(browser: Client, source: WebhookSource) -> None:
    fields = {"mapping": '{"amount": "$.order.total"}', "payload": '{"order": {"total": 12}}', "do": "try"}
    page = text(browser.post(f"{SHOP}change/", filled_in(name="shop") | fields))

    assert "&quot;amount&quot;: 12" in page
    assert "This would start Refund with" in page
    assert WebhookSource.objects.get().mapping is None
    assert not WorkflowRun.objects.exists()
    assert not Delivery.objects.exists()


def test_trying_says_what_the_workflow_would_refuse(browser: Client, source: WebhookSource) -> None:
    a_workflow("refund")
    source.workflow.input_schema = SCHEMA
    source.workflow.save()
    fields = {"mapping": '{"amount": "$.a"}', "payload": '{"a": "much"}', "do": "try"}

    assert "the workflow takes something else" in text(
        browser.post(f"{SHOP}change/", filled_in(name="shop") | fields)
    )


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"payload": "{"}, "cannot be tried yet"),
        ({"payload": ""}, "There is no payload"),
        ({"payload": "{}", "mapping": '"$.gone"'}, "finds nothing"),
        ({"payload": '{"k": "payroll"}', "naming": "$.k"}, "cannot start a workflow named"),
    ],
    ids=str,
)
def test_trying_says_what_is_wrong(browser: Client, fields: dict[str, str], said: str) -> None:
    """Of a source that is not made yet, too."""
    response = browser.post("/webhooks/new/", filled_in(do="try") | fields)

    assert said in text(response)
    assert not WebhookSource.objects.exists()


def test_what_is_tried_is_shown_as_it_is(browser: Client, source: WebhookSource) -> None:
    fields = {"payload": '{"a": "<script>alert(1)</script>\\u202e"}', "do": "try"}
    page = text(browser.post(f"{SHOP}change/", filled_in(name="shop") | fields))

    assert "<script>alert" not in page
    assert "⟦U+202E⟧" in page


def test_a_delivery_shows_what_was_posted_without_secrets(browser: Client, sender: Sender) -> None:
    sender.post({"amount": 12, "token": "canary", "text": "<b>bold</b>"})
    page = text(browser.get(f"/webhooks/deliveries/{Delivery.objects.get().id}/"))

    assert "&quot;amount&quot;: 12" in page
    assert "&lt;b&gt;" in page
    assert "canary" not in page
    assert "Replay" in page


def test_the_last_payload_is_there_to_try_the_mapping_on(browser: Client, sender: Sender) -> None:
    sender.post({"amount": 12, "token": "canary"})
    page = text(browser.get(f"{SHOP}change/"))

    assert "&quot;amount&quot;: 12" in page
    assert "canary" not in page


def test_refused_deliveries_can_be_seen_alone(browser: Client, sender: Sender) -> None:
    sender.post({"amount": 12}, id="msg_good")
    sender.post({"amount": 12}, id="msg_forged", webhook_signature="v1,AAAA")
    page = text(browser.get(f"{SHOP}?show=refused"))

    assert "Not signed with a secret of this source" in page
    assert "msg_good" not in page


@pytest.mark.parametrize("address", ["", "new/", "sources/shop/", "sources/shop/change/"])
def test_strangers_see_nothing(as_: SignIn, stranger: User, source: WebhookSource, address: str) -> None:
    assert as_(stranger).get(f"/webhooks/{address}").status_code == 403


@pytest.mark.parametrize("address", ["sources/gone/", "sources/gone/change/"])
def test_what_is_not_there_is_not_found(browser: Client, address: str) -> None:
    assert browser.get(f"/webhooks/{address}").status_code == 404


def test_a_long_log_is_a_small_page_in_few_queries(
    browser: Client, source: WebhookSource, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    given: dict[str, Any] = {"source": source, "outcome": "malformed", "status": 400}
    lines = (Delivery(detail="x" * 500, message_id=f"msg_{n}", **given) for n in range(100))
    Delivery.objects.bulk_create(lines)
    with django_assert_max_num_queries(14):
        page = browser.get(SHOP)

    assert len(page.content) < LARGEST_PAGE


def test_the_list_says_when_each_has_posted_last(browser: Client, sender: Sender) -> None:
    assert "Nothing was posted yet" in text(browser.get("/webhooks/"))
    sender.post({})

    assert timezone.localdate().strftime("%Y-%m-%d") in text(browser.get("/webhooks/"))
