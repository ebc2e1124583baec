"""Work: whether workers live, keep up with what is due, and one of them leads the sweep."""

from collections.abc import Iterator
from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hitl_portal.doctor.findings import Check, Finding, Subject, failed, ok, together, warning
from hitl_portal.outbound.models import Delivery
from workflows import nudging
from workflows.attendance import Lead
from workflows.models import WorkerBeat
from workflows.standing import Standing, standing
from workflows.sweep import DUTY, LEAD

# Seconds that something may be due before somebody should look.
SOON, LATE = 10.0, 60.0
MANY = 1000


def workers() -> Finding:
    """Whether there are any, and whether they hear of work in the way that this process tells of it."""
    beats = list(WorkerBeat.objects.all())
    alive = [beat for beat in beats if beat.is_alive()]
    if not alive:
        found = _("No worker gives signs of life; the last one did so: %(when)s.") % {"when": _last(beats)}
        return failed(
            found,
            _("Start one: manage.py work (or manage.py up, which keeps it alive); else nothing goes on."),
        )
    others = [beat.name for beat in alive if beat.transport != nudging.name()]
    if others:
        found = _("Workers listen to another transport than %(ours)s: %(names)s.") % {
            "ours": nudging.name(),
            "names": ", ".join(others),
        }
        return warning(found, _("Set HITL_TRANSPORT to the same for web and workers, and restart them."))
    places = sum(beat.concurrency for beat in alive)
    return ok(
        _("%(count)d alive, for %(places)d runs at once: %(names)s.")
        % {"count": len(alive), "places": places, "names": ", ".join(beat.name for beat in alive)}
    )


def _last(beats: list[WorkerBeat]) -> str:
    if not beats:
        return _("none is known")
    seen = max(beat.seen_at for beat in beats)
    return _("%(seconds).0f s ago") % {"seconds": (timezone.now() - seen).total_seconds()}


def queue() -> Finding:
    """Whether what is due is taken."""
    found = standing()
    waiting = sum(queue.waiting for queue in found.queues)
    driven = sum(queue.driven for queue in found.queues)
    return together(
        _stuck(found, waiting),
        _("%(waiting)d runs wait for a worker, the oldest for %(oldest).0f s; %(driven)d are driven.")
        % {"waiting": waiting, "driven": driven, "oldest": found.waited},
    )


def _stuck(found: Standing, waiting: int) -> Iterator[Finding]:
    if found.waited > SOON:
        said = _("A run that a living worker knows has been due for %(seconds).0f s; %(waiting)d wait.")
        say = failed if found.waited > LATE else warning
        yield say(
            said % {"seconds": found.waited, "waiting": waiting},
            _(
                "The workers are too few or busy: see the queue in manage.py status, and start more, or more at once."
            ),
        )
    elif waiting > MANY:
        yield warning(
            _("%(waiting)d runs wait for a worker.") % {"waiting": waiting},
            _("Start more workers, or more at once (--concurrency)."),
        )
    unknown = sorted(queue.workflow for queue in found.queues if queue.waiting and not queue.known)
    if unknown:
        yield warning(
            _("Runs are due whose workflow no living worker has: %(names)s.") % {"names": ", ".join(unknown)},
            _("Deploy their code to the workers (HITL_WORKFLOWS); runs of scripts go on with their script."),
        )


def leases() -> Finding:
    """Whether drivers have died and nobody has taken over."""
    left = {queue.workflow: queue.left for queue in standing().queues if queue.left}
    if left:
        found = _("%(count)d runs are held by drivers that have died: %(names)s.")
        return warning(
            found % {"count": sum(left.values()), "names": ", ".join(left)},
            _(
                "A worker takes them over within seconds; if they stay, see the workers, and the log of the one that"
                " died."
            ),
        )
    return ok(_("Nobody holds a run any longer than their lease."))


def sweep() -> Finding:
    """Whether somebody looks for what time brings."""
    now = timezone.now()
    lead = Lead.objects.filter(duty=DUTY).first()
    if lead is None or lead.until < now:
        found = _("Nobody leads the sweep: deadlines, reminders and released decisions do not come about.")
        return failed(
            found, _("Each worker takes part in it: see the workers, and whether they reach the database.")
        )
    if lead.until > now + 2 * LEAD:
        found = _("%(owner)s leads the sweep until a moment that is far away.") % {"owner": lead.owner}
        return warning(found, _("A clock was ahead: see the clocks. Another worker takes over by itself."))
    return ok(_("%(owner)s leads it.") % {"owner": lead.owner})


def outbox() -> Finding:
    """Whether what programs are to be told gets out."""
    late = Delivery.objects.filter(
        status=Delivery.Status.PENDING,
        endpoint__enabled=True,
        next_try_at__lt=timezone.now() - timedelta(seconds=LATE),
    ).count()
    if late:
        found = _("%(count)d messages to endpoints have been due for more than a minute.") % {"count": late}
        return warning(found, _("The sweep of the workers sends them: see the workers and the sweep."))
    failing = Delivery.objects.filter(status=Delivery.Status.PENDING, failures__gt=0).count()
    return ok(_("Nothing is overdue; %(failing)d messages are tried again later.") % {"failing": failing})


SUBJECT = Subject(
    name="work",
    title=gettext_lazy("Work"),
    checks=(
        Check(
            name="workers",
            title=gettext_lazy("Workers"),
            looked_at=gettext_lazy("Reads the workers' signs of life."),
            look=workers,
        ),
        Check(
            name="queue",
            title=gettext_lazy("Queue"),
            looked_at=gettext_lazy("Counts the runs that are due, and looks how long the oldest has waited."),
            look=queue,
        ),
        Check(
            name="leases",
            title=gettext_lazy("Leases"),
            looked_at=gettext_lazy("Looks for runs whose driver has died."),
            look=leases,
        ),
        Check(
            name="sweep",
            title=gettext_lazy("Sweep"),
            looked_at=gettext_lazy("Looks who leads what is done once a second."),
            look=sweep,
        ),
        Check(
            name="outbox",
            title=gettext_lazy("Messages to endpoints"),
            looked_at=gettext_lazy("Looks for messages that should have been sent."),
            look=outbox,
        ),
    ),
)
