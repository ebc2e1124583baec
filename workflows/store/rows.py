"""Rows: whole rows of a model, found by a condition written by hand.

For what is read at every decision: the ORM would compile the same query anew each time, which costs ten times what
running it does. What comes back are the model's own instances, as the ORM makes them.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cache, cached_property
from typing import Any, Generic, NamedTuple, TypeVar
from uuid import UUID

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field, ForeignKey, Model

from workflows.store.cursor import opened

Table = TypeVar("Table", bound=Model)

# Reads a column as the database gives it.
Reader = Callable[[Any], Any]


class Columns(NamedTuple):
    """What is read of one model: the names of its attributes, and how the columns that need it are converted."""

    names: list[str]
    readers: list[tuple[int, Reader]]


class Rows(Generic[Table]):
    """The rows of `model`, called "own" in the condition; with those that its foreign keys `along` point to.

    >>> Rows(Requirement, 'own."run_id" = %s', along=("run",)).all("default", run_id)
    """

    def __init__(
        self,
        model: type[Table],
        where: str,
        *,
        along: Sequence[str] = (),
        order: str = "",
        lock: bool = False,
    ) -> None:
        self._model, self._where, self._order, self._lock = model, where, order, lock
        self._along = along

    @cached_property
    def _parts(self) -> list[tuple[str, ForeignKey[Any, Any] | None, type[Model]]]:
        """What is read together: the model, and what its foreign keys point to."""
        keys = [self._model._meta.get_field(name) for name in self._along]
        pointed = [(f'"{key.name}"', key, key.related_model) for key in keys if isinstance(key, ForeignKey)]
        return [("own", None, self._model), *pointed]

    def all(self, using: str, *params: Any) -> list[Table]:
        """Those that there are now; one query. Raises what the database raises."""
        connection = connections[using]
        given = [_adapted(value, connection) for value in params]
        with opened(connection) as cursor:
            cursor.execute(self._statement(connection.features.has_select_for_update), given)
            return list(self._made(cursor.fetchall(), connection))

    def first(self, using: str, *params: Any) -> Table | None:
        """The first one, or None."""
        return next(iter(self.all(using, *params)), None)

    def one(self, using: str, *params: Any) -> Table:
        """The one that there is. Raises the model's DoesNotExist."""
        found = self.first(using, *params)
        if found is None:
            raise self._model.DoesNotExist(f"There is no such {self._model._meta.verbose_name}")  # type: ignore[attr-defined]
        return found

    @cache  # noqa: B019  there are a few of these, made when their modules are imported
    def _statement(self, locks: bool) -> str:
        columns = ", ".join(
            f'{name}."{field.column}"'
            for name, _, model in self._parts
            for field in model._meta.concrete_fields
        )
        joins = "".join(
            f' LEFT JOIN "{model._meta.db_table}" AS {name} ON {name}."{model._meta.pk.column}" = own."{key.column}"'
            for name, key, model in self._parts
            if key is not None and model._meta.pk is not None
        )
        order = f" ORDER BY {self._order}" if self._order else ""
        lock = " FOR UPDATE OF own" if self._lock and locks else ""
        return f'SELECT {columns} FROM "{self._model._meta.db_table}" AS own{joins} WHERE {self._where}{order}{lock}'

    def _made(self, found: list[Sequence[Any]], connection: BaseDatabaseWrapper) -> Iterator[Table]:
        for row in found:
            start, own = 0, None
            for _, key, model in self._parts:
                columns = _columns(model, connection.alias)
                made = _instance(model, row[start : start + len(columns.names)], columns, connection.alias)
                start += len(columns.names)
                if key is None:
                    own = made
                else:
                    setattr(own, key.name, made)
            yield own  # type: ignore[misc]  # the first part is the model's own


def _instance(model: type[Model], row: Sequence[Any], columns: Columns, using: str) -> Model | None:
    values = list(row)
    for index, read in columns.readers:
        values[index] = read(values[index])
    key = model._meta.pk
    assert key is not None
    if values[columns.names.index(key.attname)] is None:  # a foreign key that points to nothing
        return None
    return model.from_db(using, columns.names, values)


def _adapted(value: Any, connection: BaseDatabaseWrapper) -> Any:
    if isinstance(value, UUID) and not connection.features.has_native_uuid_field:
        return value.hex
    return value


@cache
def _columns(model: type[Model], using: str) -> Columns:
    """The columns of a model, in their order, and what Django does to those that it does not take as they come."""
    connection = connections[using].copy()  # one that is never opened: what is kept here outlives threads
    fields = model._meta.concrete_fields
    readers = [(index, read) for index, field in enumerate(fields) if (read := _reader(field, connection))]
    return Columns([field.attname for field in fields], readers)


def _reader(field: "Field[Any, Any]", connection: BaseDatabaseWrapper) -> Reader | None:
    column = field.get_col(field.model._meta.db_table)
    steps = [*connection.ops.get_db_converters(column), *field.get_db_converters(connection)]
    if not steps:
        return None

    def read(value: Any) -> Any:
        for step in steps:
            value = step(value, column, connection)
        return value

    return read
