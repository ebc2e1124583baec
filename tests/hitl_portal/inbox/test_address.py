"""Which view a card belongs to: it stays in the one in which it was opened, whatever its links say."""

from django.contrib.auth.models import User

from tests.hitl_portal.conftest import Ask, SignIn

HTMX = {"HX-Request": "true"}


def test_a_link_without_a_view_stays_in_the_one_it_stands_in(as_: SignIn, ask: Ask, reviewer: User) -> None:
    first, second = ask(), ask()
    here = f"http://testserver/requirements/{first.id}/?sort=due&who=free"
    response = as_(reviewer).get(f"/requirements/{second.id}/", headers=HTMX | {"HX-Current-URL": here})
    assert response.headers["HX-Push-Url"] == f"/requirements/{second.id}/?who=free&sort=due"
    assert 'href="/?who=free&amp;sort=due">Inbox' in response.content.decode()


def test_without_javascript_the_page_before_tells_the_view(as_: SignIn, ask: Ask, reviewer: User) -> None:
    page = as_(reviewer).get(
        f"/requirements/{ask().id}/", headers={"referer": "http://testserver/?kind=approval"}
    )
    assert 'href="/?kind=approval">Inbox' in page.content.decode()


def test_other_sites_and_pages_tell_nothing(as_: SignIn, ask: Ask, reviewer: User) -> None:
    for referer in ("https://elsewhere.example/?who=mine", "http://testserver/runs/?who=mine"):
        page = as_(reviewer).get(f"/requirements/{ask().id}/", headers={"referer": referer})
        assert 'class="bar-back" href="/">' in page.content.decode()


def test_the_way_to_everything_leads_to_everything(as_: SignIn, ask: Ask, reviewer: User) -> None:
    ask("route", "which way", choices=[])
    here = "http://testserver/?kind=approval"
    page = as_(reviewer).get("/", headers={"referer": here}).content.decode()
    assert "which way" in page


def test_htmx_gets_the_card_without_the_list(as_: SignIn, ask: Ask, reviewer: User) -> None:
    address = f"/requirements/{ask().id}/"
    assert 'id="rows"' not in as_(reviewer).get(address, headers=HTMX).content.decode()
    assert 'hx-trigger="load, inbox-changed from:body"' in as_(reviewer).get(address).content.decode()


def test_words_that_are_searched_stand_in_the_address(as_: SignIn, ask: Ask, reviewer: User) -> None:
    shown = ask(message="Refund?")
    here = f"http://testserver/requirements/{shown.id}/"
    response = as_(reviewer).get("/?q=refund&who=", headers=HTMX | {"HX-Current-URL": here})
    assert response.headers["HX-Replace-Url"] == f"/requirements/{shown.id}/?q=refund"
    assert f'href="/requirements/{shown.id}/?q=refund" aria-current="true"' in response.content.decode()
