"""Choosing a person: by their username, which a list suggests while one types."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth import get_user_model
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from hitl_portal.pages import page

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.db.models import QuerySet

    from hitl_portal.pages import PageRequest

MOST = 10
LONGEST = 150


class PersonField(forms.CharField):
    """The username of somebody who is active."""

    finds_people = True

    def __init__(self, **options: Any) -> None:
        attrs = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        super().__init__(max_length=LONGEST, widget=forms.TextInput(attrs), **options)

    def clean(self, value: Any) -> str:
        name: str = super().clean(value)
        if name and not get_user_model().objects.filter(is_active=True, username=name).exists():
            raise forms.ValidationError(_("Nobody is called that. Choose a username from the list."))
        return name


@require_safe
@page
def suggestions(request: "PageRequest") -> HttpResponse:
    """People whose username or name has these letters: `?of=` names the parameter that holds them."""
    letters = request.GET.get(request.GET.get("of", ""), "").strip()[:LONGEST]
    found = known_to(request.user).filter(
        Q(username__icontains=letters) | Q(first_name__icontains=letters) | Q(last_name__icontains=letters)
    )
    return render(request, "parts/people.html", {"people": found.order_by("username")[:MOST]})


def known_to(person: "User") -> "QuerySet[User]":
    """Whom a person is told the names of: active people, for who is in a group; else nobody."""
    people = get_user_model().objects.filter(is_active=True)
    is_known = person.is_superuser or person.groups.exists()
    return people if is_known else people.none()
