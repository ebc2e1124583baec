"""Sheets: CSV that a spreadsheet can open without running anything that somebody has written into it."""

import csv
import io
from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse

# What makes a spreadsheet take a cell for a formula; the wide forms too, which some of them fold.
FORMULA = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
# Without this mark, spreadsheets read UTF-8 as something else.
MARK = "\ufeff"


def sheet(name: str, head: Iterable[str], rows: Iterable[Iterable[Any]]) -> HttpResponse:
    """A CSV file to download."""
    text = io.StringIO()
    text.write(MARK)
    writer = csv.writer(text, quoting=csv.QUOTE_MINIMAL)
    writer.writerow(head)
    writer.writerows([cell(value) for value in row] for row in rows)
    response = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def cell(value: Any) -> Any:
    """A value that stays text: an apostrophe goes before what would be a formula, blanks in front or not."""
    if not isinstance(value, str):
        return value
    harmless = value.replace("\0", "")
    starts = harmless.startswith(FORMULA) or harmless.lstrip().startswith(FORMULA)
    return f"'{harmless}" if starts else harmless
