"""Keys: SECRET_KEY, what is sealed with it and its like, and the key that signs the log."""

import os
import stat
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils.encoding import force_str
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hitl_portal import resealing
from hitl_portal.doctor.findings import Check, Finding, Subject, failed, ok, together, warning
from hitl_portal.sealing import Unreadable, unseal
from workflows.audit.keys import trusted_keys
from workflows.models import Checkpoint

SHORTEST, FEWEST = 50, 5  # letters, different letters: Django's own advice
MOST = 10_000
NAMED = 3


def secret_key() -> Finding:
    """Whether it is long enough to be guessed by nobody, and where it comes from."""
    key = force_str(settings.SECRET_KEY)
    where = _("the environment") if os.environ.get("SECRET_KEY", "").strip() else str(_file())
    said = {"length": len(key), "where": where}
    return together(_weak(key), _("It has %(length)d letters and comes from %(where)s.") % said)


def _weak(key: str) -> Iterator[Finding]:
    if len(key) < SHORTEST or len(set(key)) < FEWEST:
        yield failed(
            _("SECRET_KEY has only %(length)d letters.") % {"length": len(key)},
            _(
                "Set one of at least 50 random letters, and keep the old one among SECRET_KEY_FALLBACKS until then."
            ),
        )
    if os.environ.get("SECRET_KEY", "").strip():
        return
    if _file().exists() and stat.S_IMODE(_file().stat().st_mode) & 0o077:
        yield failed(
            _("Others on this machine can read %(path)s.") % {"path": _file()},
            _("Take their rights away: chmod 600."),
        )
    if connection.vendor == "postgresql":
        yield warning(
            _("SECRET_KEY was made on this machine and lies in %(path)s.") % {"path": _file()},
            _("Other machines have another one: set SECRET_KEY to the same for all processes, and keep it."),
        )


def _file() -> Path:
    return Path(settings.DATA_DIR) / "secret.key"


def sealed() -> Finding:
    """Whether every sealed text opens with the keys of now."""
    count, unreadable = 0, []
    for name, is_open in islice(_texts(), MOST):
        count += 1
        unreadable += [] if is_open else [name]
    if unreadable:
        names = ", ".join(unreadable[:NAMED])
        found = _("%(bad)d of %(count)d sealed secrets cannot be read, such as %(names)s.")
        return failed(
            found % {"bad": len(unreadable), "count": count, "names": names},
            _(
                "Bring back the key that sealed them (SECRET_KEY, SECRET_KEY_FALLBACKS, HITL_SECRET_KEYS); where it is"
                " lost, make those secrets anew on their pages."
            ),
        )
    return ok(_("All %(count)d sealed secrets can be read.") % {"count": count})


def _texts() -> Iterator[tuple[str, bool]]:
    for place in resealing.places():
        for row_id, text in place.texts():
            yield f"{place.name} {row_id}", _opens(text, place.purpose)


def _opens(text: str, purpose: str) -> bool:
    try:
        unseal(text, purpose)
    except Unreadable:
        return False
    return True


def audit_key() -> Finding:
    """Whether the key that signs now is the one that has signed last, or that one is still trusted."""
    last = Checkpoint.objects.order_by("-number").first()
    if last is None:
        return ok(
            _("Nothing is sealed yet; the workers seal the log once a minute, where something has happened.")
        )
    if last.key not in trusted_keys():
        return failed(
            _("Checkpoint %(number)d was signed with a key that is not trusted any more.")
            % {"number": last.number},
            _(
                "Its secret has changed: bring HITL_AUDIT_KEY (or SECRET_KEY) back, or name the key %(key)s in"
                " HITL_AUDIT_PUBLIC_KEYS if you trust it."
            )
            % {"key": last.key},
        )
    return ok(
        _("Checkpoint %(number)d, the last one, is signed with a key that is trusted.")
        % {"number": last.number}
    )


SUBJECT = Subject(
    name="keys",
    title=gettext_lazy("Secrets"),
    checks=(
        Check(
            name="secret-key",
            title=gettext_lazy("SECRET_KEY"),
            looked_at=gettext_lazy("Looks how long it is and where it comes from."),
            look=secret_key,
        ),
        Check(
            name="sealed",
            title=gettext_lazy("Sealed secrets"),
            looked_at=gettext_lazy("Opens each of them with the keys of now, and keeps none."),
            look=sealed,
            seconds=20,
        ),
        Check(
            name="audit-key",
            title=gettext_lazy("Audit key"),
            looked_at=gettext_lazy(
                "Compares who has signed the last checkpoint with the keys that are trusted."
            ),
            look=audit_key,
        ),
    ),
)
