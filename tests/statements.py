"""Statements: what was sent to the database while a test looked."""

from django.test.utils import CaptureQueriesContext

PREPARED = "(a statement that the server knows already)"


def sent(captured: CaptureQueriesContext) -> list[str]:
    """The statements. Of one that PostgreSQL has prepared, Django does not know the words any more."""
    return [query["sql"] or PREPARED for query in captured.captured_queries]
