"""Search: which requirements have all of the words, or begin with them, in what is indexed of them."""

import re

from django.db import connection
from django.db.models import Q
from django.db.models.expressions import RawSQL

from hitl_portal.inbox.indexing import INDEX, TABLE, VECTOR

WORD = re.compile(r"[^\W_]+")
MOST_WORDS = 10

SQLITE = (
    f"SELECT requirement_id FROM {TABLE} JOIN {INDEX} ON {INDEX}.rowid = {TABLE}.id WHERE {INDEX} MATCH %s"
)
POSTGRES = f"SELECT requirement_id FROM {TABLE} WHERE {VECTOR} @@ to_tsquery('simple', %s)"


def matching(text: str) -> Q:
    """The condition for requirements; nothing where no word is left of the text."""
    words = WORD.findall(text.lower())[:MOST_WORDS]
    if not words:
        return Q(pk__in=())
    if connection.vendor == "sqlite":
        return _found(SQLITE, " AND ".join(f'"{word}"*' for word in words))
    return _found(POSTGRES, " & ".join(f"{word}:*" for word in words))


def _found(sql: str, query: str) -> Q:
    return Q(pk__in=RawSQL(sql, [query]))  # noqa: S611  the words are a parameter
