"""What the workers' sweep does for other frameworks' servers: look at those that are due, and answer what is answered.

The settings name `sweep` in HITL_SWEEPERS. Couriers do both, so that a slow server holds up neither the sweep nor the
others.
"""

from collections.abc import Collection, Hashable
from typing import cast
from uuid import UUID

from django.db.models import F, QuerySet
from django.utils import timezone

from hitl_portal.adapters import answering, bringing
from hitl_portal.adapters.models import Pause, Server
from hitl_portal.couriers import Couriers
from hitl_portal.seldom import Seldom

LOOKED_AT = 20
PRUNE_EVERY = 600.0


class Looks:
    """Servers that are due to be looked at; a `couriers.Outbox`."""

    def waiting(self, full: Collection[Hashable], most: int) -> int:
        """Due, and not looked at right now."""
        return len(_servers(full).values_list("pk")[:most])

    def claim(self, full: Collection[Hashable]) -> Server | None:
        """By compare-and-set on when it is due."""
        now = timezone.now()
        for server in _servers(full)[:LOOKED_AT]:
            same = Server.objects.filter(pk=server.pk, next_look_at=server.next_look_at)
            if same.update(next_look_at=now + bringing.LEASE):
                return server
        return None

    def lane(self, load: Server) -> Hashable:
        """Itself."""
        return load.pk

    def carry(self, load: Server) -> None:
        """Look."""
        bringing.look_at(load)


class Replies:
    """Pauses that are due to be answered; a `couriers.Outbox`."""

    def waiting(self, full: Collection[Hashable], most: int) -> int:
        """Due, and of servers that are not busy."""
        waiting = answering.due(timezone.now()).exclude(server__in=cast("Collection[UUID]", full))
        return len(waiting.values_list("pk")[:most])

    def claim(self, full: Collection[Hashable]) -> Pause | None:
        """By compare-and-set on its tries."""
        now = timezone.now()
        for pause in answering.due(now).exclude(server__in=cast("Collection[UUID]", full))[:LOOKED_AT]:
            same = Pause.objects.filter(pk=pause.pk, status=Pause.Status.DUE, tries=pause.tries)
            if same.update(tries=F("tries") + 1, next_try_at=now + answering.LEASE):
                pause.tries += 1
                return pause
        return None

    def lane(self, load: Pause) -> Hashable:
        """Its server."""
        return load.server_id

    def carry(self, load: Pause) -> None:
        """Answer it."""
        answering.deliver(load)


class Sweep:
    """For the sweep of one process."""

    def __init__(self) -> None:
        self.lookers: Couriers[Server] = Couriers(Looks())
        self.tellers: Couriers[Pause] = Couriers(Replies())
        self._prune = Seldom(lambda: answering.prune(timezone.now()), PRUNE_EVERY)

    def __call__(self) -> int:
        """One round; how many pauses became due. Waits for no server; one query where there is none."""
        if not Server.objects.filter(enabled=True).exists():
            return 0
        made = answering.settle()
        self.lookers.call()
        self.tellers.call()
        return made + self._prune()


def _servers(full: Collection[Hashable]) -> QuerySet[Server]:
    due = Server.objects.filter(enabled=True, next_look_at__lte=timezone.now())
    return due.exclude(pk__in=cast("Collection[UUID]", full)).order_by("next_look_at")


sweep = Sweep()
