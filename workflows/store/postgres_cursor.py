"""PostgreSQL's cursor for statements that stay the same: the server has them prepared, until a migration comes."""

from typing import Any, Self

from psycopg import Cursor
from psycopg.errors import FeatureNotSupported
from psycopg.pq import TransactionStatus


class PostgresCursor(Cursor[Any]):
    """The driver's own, whose statements are prepared once they were run some times."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> Self:
        """Run a statement.

        A migration may have changed the type of what a prepared one gives; the server then refuses it on every
        connection that is open. It is sent unprepared; within a transaction, by whoever does all of that again: after
        the rollback the driver knows of no prepared ones.
        """
        try:
            return super().execute(query, params, **options)
        except FeatureNotSupported:
            if self.connection.info.transaction_status != TransactionStatus.IDLE:
                raise
            return super().execute(query, params, **options | {"prepare": False})
