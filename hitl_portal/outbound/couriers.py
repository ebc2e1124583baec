"""Couriers: the threads that carry deliveries, so that a slow receiver holds up neither the sweep nor the others.

A courier carries what is due until nothing is, then ends. Of one endpoint at most two deliveries are under way in a
process. They are daemons: who stops the process waits for no receiver, and what was under way is sent again, under the
same id, when its lease is over.
"""

import logging
import threading
from collections import Counter
from collections.abc import Callable
from uuid import UUID

from django.db import DatabaseError, close_old_connections, connections
from django.utils import timezone

from hitl_portal.outbound.models import Delivery
from hitl_portal.outbound.outbox import claim, due
from hitl_portal.outbound.sending import send

log = logging.getLogger(__name__)

MOST, MOST_PER_ENDPOINT = 8, 2


class Couriers:
    """Those of one process."""

    def __init__(self, carry: Callable[[Delivery], object] = send) -> None:
        self._carry = carry
        self._lock = threading.Lock()
        self._busy: Counter[UUID] = Counter()
        self._threads: set[threading.Thread] = set()

    def call(self) -> int:
        """Let as many set out as there is something for; does not wait for them. One query; how many set out."""
        with self._lock:
            free = MOST - len(self._threads)
            waiting = due(timezone.now()).exclude(endpoint__in=self._full())
            wanted = min(free, len(waiting.values_list("pk")[:free])) if free > 0 else 0
            new = [threading.Thread(target=self._work, name="courier", daemon=True) for _ in range(wanted)]
            self._threads.update(new)
        for thread in new:
            thread.start()
        return wanted

    def wait(self, seconds: float) -> bool:
        """Wait until all are back; whether they are."""
        for thread in list(self._threads):
            thread.join(seconds)
        return not any(thread.is_alive() for thread in list(self._threads))

    def _work(self) -> None:
        try:
            while (delivery := self._next()) is not None:
                self._take(delivery)
        except (
            DatabaseError
        ) as error:  # it may be back at the next sweep; what was claimed is due after its lease
            log.warning("a courier cannot reach the database: %s", error)
        finally:
            connections.close_all()
            with self._lock:
                self._threads.discard(threading.current_thread())

    def _next(self) -> Delivery | None:
        close_old_connections()
        # One at a time: the count of what is under way must hold until the claim.
        with self._lock:
            delivery = claim(self._full())
            if delivery is not None:
                self._busy[delivery.endpoint_id] += 1
        return delivery

    def _take(self, delivery: Delivery) -> None:
        try:
            self._carry(delivery)
        finally:
            with self._lock:
                self._busy[delivery.endpoint_id] -= 1

    def _full(self) -> list[UUID]:
        return [endpoint for endpoint, count in self._busy.items() if count >= MOST_PER_ENDPOINT]
