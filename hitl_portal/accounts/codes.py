"""Codes: taken as a second factor on pages that are about something else."""

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from django.http import HttpRequest

from hitl_portal.accounts.forms import CodeAgainForm


def show(request: HttpRequest, code: str) -> str:
    """Take a code as this person's second factor, counted like every try; what is wrong with it, or nothing."""
    form = CodeAgainForm({"code": code}, user=request.user)
    if form.is_valid():
        form.save()
        return ""
    return " ".join(str(error) for errors in form.errors.values() for error in errors)


def has_any(person: User) -> bool:
    """Whether the person has an authenticator app, and so codes; one query."""
    return Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).exists()
