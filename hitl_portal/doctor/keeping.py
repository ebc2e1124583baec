"""Keeping: whether the log was verified lately; and what nobody can see from here, copies of the data."""

from datetime import timedelta

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hitl_portal.doctor.findings import Check, Finding, Subject, failed, ok, skipped, warning
from workflows.models import RunEvent, Verification

WEEK = timedelta(days=7)


def verified() -> Finding:
    """When the whole log was verified last, and what came of it."""
    last = Verification.objects.first()
    remedy = _("Run manage.py verify_audit each night (cron, a timer).")
    if last is None:
        if not RunEvent.objects.exists():
            return ok(_("Nothing has happened yet."))
        return warning(_("Nobody has verified the log yet."), remedy)
    if last.problem:
        return failed(
            _("The last verification found the log broken: %(problem)s") % {"problem": last.problem},
            _("Somebody has changed what must not change: compare with a backup, and find out who could."),
        )
    age = timezone.now() - last.finished_at
    if age > WEEK:
        return warning(_("The log was verified %(days)d days ago.") % {"days": age.days}, remedy)
    return ok(
        _("The log was verified %(hours)d hours ago, and was whole.") % {"hours": age.total_seconds() // 3600}
    )


def backups() -> Finding:
    """Say what is to be copied."""
    how = "VACUUM INTO" if connection.vendor == "sqlite" else "pg_dump"
    return skipped(
        _("Backups cannot be seen from here."),
        _("Copy the database (%(how)s) and the keys, and try a restore: docs/operate.md says how.")
        % {"how": how},
    )


SUBJECT = Subject(
    name="keeping",
    title=gettext_lazy("Keeping"),
    checks=(
        Check(
            name="verified",
            title=gettext_lazy("Verification"),
            looked_at=gettext_lazy("Looks when the audit log was verified last."),
            look=verified,
        ),
        Check(
            name="backups",
            title=gettext_lazy("Backups"),
            looked_at=gettext_lazy("Looks at nothing: a reminder."),
            look=backups,
        ),
    ),
)
