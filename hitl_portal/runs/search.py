"""Search: which runs have all of the words in their summary, or words that begin so; or an id that begins so."""

import re
from uuid import UUID

from django.db import connection
from django.db.models import Q
from django.db.models.expressions import RawSQL

from hitl_portal.runs.indexing import INDEX, RUNS, TABLE, VECTOR

WORD = re.compile(r"[^\W_]+")
KEY = re.compile(r"[0-9a-f-]{8,36}")
MOST_WORDS = 10

SQLITE = f"SELECT run_id FROM {TABLE} JOIN {INDEX} ON {INDEX}.rowid = {TABLE}.id WHERE {INDEX} MATCH %s"
POSTGRES = f"SELECT id FROM {RUNS} WHERE {VECTOR} @@ to_tsquery('simple', %s)"


def found(text: str) -> Q:
    """The condition for runs; nothing where no word is left of the text."""
    words = WORD.findall(text.lower())[:MOST_WORDS]
    if not words:
        return Q(pk__in=())
    if connection.vendor == "sqlite":
        sql, query = SQLITE, " AND ".join(f'"{word}"*' for word in words)
    else:
        sql, query = POSTGRES, " & ".join(f"{word}:*" for word in words)
    return _with_key(text.lower()) | Q(pk__in=RawSQL(sql, [query]))  # noqa: S611  the words are a parameter


def _with_key(text: str) -> Q:
    digits = text.replace("-", "")
    if not KEY.fullmatch(text) or not 8 <= len(digits) <= 32:
        return Q(pk__in=())
    return Q(id__gte=UUID(digits.ljust(32, "0")), id__lte=UUID(digits.ljust(32, "f")))
