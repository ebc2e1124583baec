"""Archive: what is stored of one run already; its journal looks back through it. Nothing is written here."""

from collections.abc import Iterable
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet

from workflows.engine import snapshot, values
from workflows.engine.journal import Texts
from workflows.history import Pair
from workflows.models import StepRecord, Value, WorkflowRun
from workflows.store.statements import by_hand
from workflows.types import RunStatus

Table = TypeVar("Table", bound=Model)


class Archive:
    """Of a run. It remembers the ids of the values that it has read."""

    def __init__(self, run: WorkflowRun, using: str) -> None:
        self.run, self.using = run, using
        self._value_ids: dict[tuple[str, str], UUID] = {}

    def record(self, path: str) -> snapshot.Saved | None:
        """The record at a path."""
        with by_hand(self.using) as statements:
            return next(iter(statements.saved(self.run.id, path)), None)

    def value(self, path: str, slot: str) -> str:
        """The encoded value of a slot. Raises KeyError where there is none."""
        with by_hand(self.using) as statements:
            found = statements.value(self.run.id, path, slot)
        if found is None:
            raise KeyError(f"{path}#{slot}")
        self._value_ids[path, slot], text = found
        return text

    def inside(self, path: str) -> tuple[list[snapshot.Saved], Texts]:
        """All records and values at a path and below it; two queries."""
        here = Q(path=path) | Q(path__startswith=f"{path}/") if path else Q()
        kept = self._rows(Value).filter(here, run=self.run.id)
        texts = {(where, slot): data for where, slot, data in kept.values_list("path", "slot", "data")}
        return list(self._saved(self._rows(StepRecord).filter(here, run=self.run.id))), texts

    def history(self, count: int) -> list[Pair]:
        """Input and content of the session's last completed runs before this one, newest last."""
        run = self.run
        earlier = self._rows(WorkflowRun).filter(session=run.session_id, workflow=run.workflow_id)
        done = earlier.filter(status=RunStatus.completed.value, created_at__lt=run.created_at)
        newest = list(done.select_related("output")[:count])
        inputs = self._rows(Value).filter(run__in=newest, path="", slot="inputs")
        given = {value.run_id: values.decode(value.data)["input"] for value in inputs}
        return [(given[earlier.id], _content(earlier.output)) for earlier in reversed(newest)]

    def unfinished(self) -> list[snapshot.Saved]:
        """The records that are not finished."""
        with by_hand(self.using) as statements:
            return statements.saved(self.run.id)

    def _saved(self, records: Iterable[StepRecord]) -> Iterable[snapshot.Saved]:
        fields = ("path", "name", "kind", "status", "tries", "cursor", "memo", "in_flight", "output__slot")
        for row in records.values_list(*fields):  # type: ignore[attr-defined]
            *same, in_flight, slot = row
            yield snapshot.Saved(
                **dict(zip(fields, same, strict=False)), in_flight=in_flight or None, slot=slot
            )

    def _rows(self, model: type[Table]) -> QuerySet[Table]:
        return model._default_manager.using(self.using)


def _content(output: Value | None) -> Any:
    return values.decode(output.data).get("content") if output is not None else None
