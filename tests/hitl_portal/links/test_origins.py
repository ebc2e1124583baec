"""Only a form of our own page decides: no post from a page of another origin does."""

import re

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.test import Client

from tests.hitl_portal.conftest import Ask, answering
from tests.hitl_portal.links.conftest import path_to
from workflows.models import Decision

OURS = "http://testserver"
FIELD = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@pytest.fixture
def browser() -> Client:
    """Give a browser whose posts are checked as in production."""
    return Client(enforce_csrf_checks=True)


def decided(browser: Client, ask: Ask, reviewer: User, *, with_token: bool = True, **headers: str) -> bool:
    """Whether a post with these headers, from a page that had the form, decides."""
    requirement = ask()
    path = path_to(requirement, reviewer)
    found = FIELD.search(browser.get(path).content.decode())
    assert found
    fields = answering(requirement, "approve")
    if with_token:
        fields["csrfmiddlewaretoken"] = found[1]
    status = browser.post(
        path, fields, headers={key.replace("_", "-"): value for key, value in headers.items()}
    )
    assert status.status_code in (302, 403)
    assert Decision.objects.exists() == (status.status_code == 302)
    return status.status_code == 302


def test_our_own_form_does(browser: Client, ask: Ask, reviewer: User) -> None:
    assert decided(browser, ask, reviewer, origin=OURS)


def test_so_it_does_from_a_page_that_tells_nobody_where_it_was(
    browser: Client, ask: Ask, reviewer: User
) -> None:
    assert decided(browser, ask, reviewer, origin="null", sec_fetch_site="same-origin")


def test_without_encryption_browsers_say_less(browser: Client, ask: Ask, reviewer: User) -> None:
    assert decided(browser, ask, reviewer, origin="null")


def test_without_the_form_s_token_nothing_does(browser: Client, ask: Ask, reviewer: User) -> None:
    assert not decided(browser, ask, reviewer, with_token=False, origin=OURS)


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
def test_a_page_that_hides_its_origin_does_not(browser: Client, ask: Ask, reviewer: User, site: str) -> None:
    assert not decided(browser, ask, reviewer, origin="null", sec_fetch_site=site)


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://testserver.evil.example", "http://localhost:9"]
)
def test_a_page_of_another_origin_does_not(browser: Client, ask: Ask, reviewer: User, origin: str) -> None:
    assert not decided(browser, ask, reviewer, origin=origin, sec_fetch_site="cross-site")


def test_encrypted_who_hides_the_origin_must_say_that_it_is_ours(
    browser: Client, ask: Ask, reviewer: User, settings: LazySettings
) -> None:
    settings.IS_HTTPS = True
    assert not decided(browser, ask, reviewer, origin="null")
