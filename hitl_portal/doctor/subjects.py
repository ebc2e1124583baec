"""All the checks, by subject, in the order in which they are shown."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy

from hitl_portal.doctor import clocks, hearing, keeping, keys, link, live, mail, public, safety, storage, work
from hitl_portal.doctor.findings import Check, Subject

SUBJECTS = (
    public.SUBJECT,
    Subject(
        name="messages",
        title=gettext_lazy("Reaching people"),
        checks=(live.CHECK, link.CHECK, hearing.DOORBELL, hearing.EVENT_LOG, mail.CHECK),
    ),
    work.SUBJECT,
    clocks.SUBJECT,
    storage.SUBJECT,
    keys.SUBJECT,
    safety.SUBJECT,
    keeping.SUBJECT,
)


def all_checks() -> list[Check]:
    """Each of them, in order."""
    return [check for subject in SUBJECTS for check in subject.checks]


def named(names: Iterable[str]) -> list[Check]:
    """Those with these names; other names name nothing."""
    wanted = set(names)
    return [check for check in all_checks() if check.name in wanted]
