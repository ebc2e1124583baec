"""Stepping up: a yes to a high risk comes with a second factor that was shown just now, or with a code of one."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext as _

from hitl_portal.accounts import fresh
from hitl_portal.accounts.codes import show
from hitl_portal.inbox import signing
from hitl_portal.inbox.forms import DecisionForm

if TYPE_CHECKING:
    from hitl_portal.pages import PageRequest

# The form's field for a code of the person's authenticator app, or a recovery code.
CODE = "factor_code"


def missing(request: "PageRequest", form: DecisionForm) -> str:
    """What the valid form's answer lacks, in words; nothing where it may count. A code that is right is used up."""
    if not form.takes_risk or signing.is_asked(form) or not fresh.is_missing(request):
        return ""
    code = request.POST.get(CODE, "").strip()
    if not code:
        return _("Nothing is decided yet: show a second factor first. What you typed is kept.")
    wrong = show(request, code)
    return _("Nothing is decided yet. %(wrong)s What you typed is kept.") % {"wrong": wrong} if wrong else ""


def is_asked(request: "PageRequest") -> bool:
    """Whether a card of a high risk asks for it: not where the answer itself is signed with a passkey."""
    return settings.HITL_SIGNED_DECISIONS == "off" and fresh.is_missing(request)
