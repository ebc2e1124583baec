"""The forms of accounts: allauth's, in the words and the look of the portal."""

from typing import Any, ClassVar

from allauth.account.adapter import get_adapter
from allauth.account.forms import (
    ChangePasswordForm,
    LoginForm,
    ReauthenticateForm,
    ResetPasswordForm,
    ResetPasswordKeyForm,
    SetPasswordForm,
)
from allauth.core import context
from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as ReauthenticateByCodeForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django import forms
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.core.cache import cache
from django.utils.translation import gettext_lazy as _

from hitl_portal.accounts.factors import PURPOSE
from hitl_portal.sealing import Unreadable, seal, unseal

AUTO = ("auto", _("As the device"))
THEMES = [AUTO, ("light", _("Light")), ("dark", _("Dark"))]

STRENGTH = _("At least 12 characters: not only digits, not like your name, none that many people have.")
LONGEST_NAME = 60
CODE_LASTS = 120  # seconds; longer than a code is right, with a clock that is off

Texts = dict[str, Any]


class PreferencesForm(forms.Form):
    """What one browser prefers; kept in its cookies, so that the sign-in page knows it too."""

    theme = forms.ChoiceField(choices=THEMES, required=False)
    language = forms.ChoiceField(choices=[AUTO, *settings.LANGUAGES], required=False)


class Plain:
    """A label says what a field is for; nothing stands in its place. What is said of fields is said by their names."""

    labels: ClassVar[Texts] = {}
    helps: ClassVar[Texts] = {}
    attrs: ClassVar[dict[str, Texts]] = {}
    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.widget.attrs |= self.attrs.get(name, {})
            field.label = self.labels.get(name, field.label)
            field.help_text = self.helps.get(name, "")


class SignInForm(Plain, LoginForm):
    """Name and password."""

    labels: ClassVar[Texts] = {"login": _("Username or e-mail"), "password": _("Password")}
    attrs: ClassVar[dict[str, Texts]] = {
        "login": {"autocomplete": "username", "autocapitalize": "none", "autofocus": True}
    }


class PasswordAgainForm(Plain, ReauthenticateForm):
    """The password, to prove that it is still you."""

    labels: ClassVar[Texts] = {"password": _("Password")}
    attrs: ClassVar[dict[str, Texts]] = {"password": {"autofocus": True}}


class PasswordTwice(Plain):
    """A password that is typed twice."""

    labels: ClassVar[Texts] = {
        "oldpassword": _("Password of now"),
        "password1": _("New password"),
        "password2": _("New password, once more"),
    }
    helps: ClassVar[Texts] = {"password1": STRENGTH}


class NewPasswordForm(PasswordTwice, ChangePasswordForm):
    """Another password, by who knows the one of now."""


class FirstPasswordForm(PasswordTwice, SetPasswordForm):
    """A password for somebody who has none."""


class PasswordByMailForm(PasswordTwice, ResetPasswordKeyForm):
    """A new password, by who has the mail."""


class ForgottenForm(Plain, ResetPasswordForm):
    """Where to send the way to a new password."""

    labels: ClassVar[Texts] = {"email": _("E-mail")}

    def clean_email(self) -> str:
        """Whoever has this address now, as admins have entered it; nobody is told whether there is somebody."""
        address: str = self.cleaned_data["email"]
        active = get_user_model().objects.filter(email__iexact=address, is_active=True)
        self.users = [person for person in active if person.has_usable_password()]
        return address


class Code(Plain):
    """A code of an authenticator app, or a recovery code."""

    labels: ClassVar[Texts] = {"code": _("Code")}
    attrs: ClassVar[dict[str, Texts]] = {"code": {"autofocus": True, "autocapitalize": "none"}}
    user: User
    cleaned_data: dict[str, Any]

    def clean(self) -> None:
        """Take a code once: an app's is right for longer than allauth remembers that it was used."""
        code = self.cleaned_data.get("code")
        if code and not cache.add(f"hitl.code:{self.user.pk}:{normalize_user_code(code)}", True, CODE_LASTS):
            raise get_adapter().validation_error("incorrect_code")


class CodeForm(Code, AuthenticateForm):
    """A code at sign-in."""


class CodeAgainForm(Code, ReauthenticateByCodeForm):
    """A code, to prove that it is still you."""


class AppForm(Plain, ActivateTOTPForm):
    """A first code of an authenticator app. Until it is right its secret waits in the session, sealed there too."""

    labels: ClassVar[Texts] = {"code": _("Code that the app shows")}
    attrs: ClassVar[dict[str, Texts]] = {"code": {"inputmode": "numeric", "autocapitalize": "none"}}

    def __init__(self, *args: Any, **more: Any) -> None:
        session = context.request.session
        waiting = _opened(session.get(SECRET_SESSION_KEY))
        super().__init__(*args, **more)
        if self.is_bound and waiting:
            self.secret = waiting
        session[SECRET_SESSION_KEY] = seal(self.secret, PURPOSE)


class PasskeyForm(Plain, AddWebAuthnForm):
    """A new passkey, by the name that its owner gives it."""

    labels: ClassVar[Texts] = {
        "name": _("Name"),
        "passwordless": _("Also sign in with it alone, without a password"),
    }
    helps: ClassVar[Texts] = {"name": _("By which you tell it from others: where it is kept, say.")}
    attrs: ClassVar[dict[str, Texts]] = {"name": {"maxlength": LONGEST_NAME}}


class PasskeyNameForm(Plain, EditWebAuthnForm):
    """Another name for a passkey."""

    labels: ClassVar[Texts] = {"name": _("Name")}
    attrs: ClassVar[dict[str, Texts]] = {"name": {"maxlength": LONGEST_NAME}}


def _opened(sealed: str | None) -> str | None:
    try:
        return unseal(sealed, PURPOSE) if sealed else None
    except Unreadable:
        return None
