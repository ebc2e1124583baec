"""Looks: the statements that only read, of one run or of what it belongs to."""

import json
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.utils import timezone

from workflows.engine.snapshot import Saved
from workflows.models import Requirement, Session, StepRecord, Value, Workflow
from workflows.store.cursor import Cursor


class Took(NamedTuple):
    """When the work at a place began and ended."""

    path: str
    name: str
    kind: str
    begun: datetime
    ended: datetime


class Outlook(NamedTuple):
    """Whether somebody has decided on a run for good, and it has not gone on with that yet; and when something will
    happen to it by itself: a deadline, a reminder, a release."""

    is_decided: bool
    next_look: datetime | None


class Looks(Cursor):
    """What is known of a run."""

    def state(self, session_id: str) -> tuple[dict[str, Any], int]:
        """A session's state and version; the session stays locked."""
        table = Session._meta.db_table
        found = self._fetch(
            f'SELECT "state", "version" FROM "{table}" WHERE "id" = %s{self._lock}', [session_id]
        )
        assert found is not None
        return json.loads(found[0]), found[1]

    def policy_now(self, workflow_id: UUID) -> dict[str, Any]:
        """The policy of a workflow."""
        found = self._fetch(
            f'SELECT "policy" FROM "{Workflow._meta.db_table}" WHERE "id" = %s', [workflow_id]
        )
        assert found is not None
        policy: dict[str, Any] = json.loads(found[0])
        return policy

    def policy(self, workflow_id: UUID, fingerprint: str) -> dict[str, Any] | None:
        """The same; None where it is registered with another fingerprint, or switched off."""
        table = Workflow._meta.db_table
        found = self._fetch(
            f'SELECT "policy" FROM "{table}" WHERE "id" = %s AND "fingerprint" = %s AND "enabled"',
            [workflow_id, fingerprint],
        )
        return json.loads(found[0]) if found else None

    def took(self, run_id: UUID) -> list[Took]:
        """What the top-level places of a run took that are done, in the order in which they began."""
        table = StepRecord._meta.db_table
        self._execute(
            f'SELECT "path", "name", "kind", "started_at", "finished_at" FROM "{table}" WHERE "run_id" = %s '
            'AND "finished_at" IS NOT NULL AND "path" <> \'\' AND "path" NOT LIKE \'%%/%%\' ORDER BY '
            '"started_at", "id"',
            [run_id],
        )
        return [
            Took(path, name, kind, self._moment(begun), self._moment(ended))
            for path, name, kind, begun, ended in self._cursor.fetchall()
        ]

    def saved(self, run_id: UUID, path: str | None = None) -> list[Saved]:
        """The record at a path; without one, the records that are not finished."""
        which = '"finished_at" IS NULL' if path is None else '"path" = %s'
        table, value = StepRecord._meta.db_table, Value._meta.db_table
        self._execute(
            f'SELECT "record"."path", "name", "kind", "status", "tries", "cursor", "memo", "in_flight", "slot" '
            f'FROM "{table}" AS "record" LEFT JOIN "{value}" AS "output" ON "output"."id" = "output_id" '
            f'WHERE "record"."run_id" = %s AND "record".{which} ORDER BY "started_at", "record"."id"',
            [run_id] if path is None else [run_id, path],
        )
        return [
            Saved(
                path=place,
                name=name,
                kind=kind,
                status=status,
                tries=tries,
                cursor=cursor,
                memo=json.loads(memo),
                in_flight=in_flight or None,
                slot=slot,
            )
            for place, name, kind, status, tries, cursor, memo, in_flight, slot in self._cursor.fetchall()
        ]

    def value(self, run_id: UUID, path: str, slot: str) -> tuple[UUID, str] | None:
        """The id and the encoded value of a slot."""
        table = Value._meta.db_table
        found = self._fetch(
            f'SELECT "id", "data" FROM "{table}" WHERE "run_id" = %s AND "path" = %s AND "slot" = %s LIMIT 1',
            [run_id, path, slot],
        )
        return None if found is None else (_uuid(found[0]), found[1])

    def outlook(self, run_id: UUID) -> Outlook:
        """What a paused run waits for."""
        table, decided = Requirement._meta.db_table, Requirement.Status.DECIDED
        self._execute(
            f'SELECT "status", "timeout_at", "next_step_at", "release_at" FROM "{table}" '
            'WHERE "run_id" = %s AND "status" IN (%s, %s)',
            [run_id, Requirement.Status.OPEN, decided],
        )
        releases: list[datetime | None] = []
        moments: list[datetime | None] = []
        for status, deadline, step, release in self._cursor.fetchall():
            if status == decided:
                releases.append(release and self._moment(release))
            else:
                moments += [deadline and self._moment(deadline), step and self._moment(step)]
        now = timezone.now()
        return Outlook(
            is_decided=any(release is None or release <= now for release in releases),
            next_look=min((at for at in (*releases, *moments) if at is not None), default=None),
        )


def _uuid(stored: UUID | str) -> UUID:
    """SQLite keeps it as text."""
    return stored if isinstance(stored, UUID) else UUID(stored)
