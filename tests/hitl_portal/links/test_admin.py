"""Answer links in Django admin: seen by admins, and taken away by them."""

from django.contrib.auth.models import User

from hitl_portal.links.models import AnswerLink
from tests.hitl_portal.conftest import Ask, SignIn
from tests.hitl_portal.links.conftest import path_to


def test_an_admin_finds_them_and_takes_one_away(as_: SignIn, ask: Ask, reviewer: User, admin: User) -> None:
    admin.is_staff = True
    admin.save()
    path, browser = path_to(ask(), reviewer), as_(admin)
    link = AnswerLink.objects.get()
    assert "reviewer" in browser.get("/admin/links/answerlink/").content.decode()
    assert browser.get(f"/admin/links/answerlink/{link.pk}/change/").status_code == 200
    assert browser.get("/admin/links/answerlink/add/").status_code == 403
    browser.post(f"/admin/links/answerlink/{link.pk}/delete/", {"post": "yes"})
    assert as_(reviewer).get(path).status_code == 410
