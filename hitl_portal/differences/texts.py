"""Two texts: compared by lines, then by words in lines that changed; long stretches that did not are folded."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from hitl_portal.differences.findings import Difference, Kind, Mark, Row, Span
from hitl_portal.differences.sequences import Work, gaps, matches

LONGEST = 1_200_000  # characters of either text: beyond that nothing is compared
MOST_PIECES = 1_500
MOST_TEXT = 60_000  # characters of all pieces together
MOST_SHOWN = 20_000  # characters of one piece that changed
MOST_FOLDED = 3_000  # characters of one that did not
CONTEXT = 2  # lines on either side of a change that are never folded
FEWEST_FOLDED = 3
LONG_STRETCH = 400  # unchanged characters within a line; longer ones are folded but for their ends
ENDS = 120
ALIKE = 0.25  # of the words: below that, lines are replaced and not reworded
READABLE = 20_000  # characters: so much that has nothing in common can still be read side by side

TOKEN = re.compile(r"\w+|\s+|[^\w\s]")
WORD = re.compile(r"\w+")
IN_BETWEEN = re.compile(r"[\W_]*")

Marked = tuple[Mark, str]


def compared_texts(before: str, after: str, work: Work) -> Difference:
    """What makes `after` of `before`."""
    if before == after:
        return Difference(kind=Kind.SAME)
    if max(len(before), len(after)) > LONGEST:
        return Difference(kind=Kind.LONG)
    found = _rows(before.split("\n"), after.split("\n"), work)
    rows = list(_first(found))
    is_strange = all(row.mark in ("out", "in") for row in rows)
    if is_strange and len(before) + len(after) > READABLE:
        return Difference(kind=Kind.DIFFERENT)
    return Difference(
        kind=Kind.TEXT,
        rows=tuple(rows),
        is_cut=_is_cut(rows) or next(found, None) is not None,
        words_out=_words(rows, "out"),
        words_in=_words(rows, "in"),
    )


def _first(rows: Iterator[Row]) -> Iterator[Row]:
    """The rows that a page can take; of one that is too much for it, the beginning."""
    pieces, text = MOST_PIECES, MOST_TEXT
    for row in rows:
        kept = 0
        for span in row.spans:
            pieces, text, kept = pieces - 1, text - len(span.text), kept + 1
            if pieces <= 0 or text <= 0:
                yield replace(row, spans=row.spans[:kept], is_cut=kept < len(row.spans))
                return
        yield row


def _is_cut(rows: Sequence[Row]) -> bool:
    return bool(rows) and rows[-1].is_cut


def _words(rows: Iterable[Row], mark: Mark) -> int:
    spans = (span for row in rows for span in row.spans if span.mark == mark)
    return sum(1 for span in spans for _ in WORD.finditer(span.text))


def _rows(old: list[str], new: list[str], work: Work) -> Iterator[Row]:
    for out, into, same in gaps(matches(old, new, work), len(old), len(new)):
        is_first = not (out.start or into.start)
        is_last = same.stop == len(old) and into.stop + same.stop - same.start == len(new)
        changed = out.stop > out.start or into.stop > into.start
        if changed:
            yield from _reworded(old[out], new[into], work)
        if same.stop > same.start:
            yield from _unchanged(old[same], after_change=changed or not is_first, before_change=not is_last)


def _unchanged(lines: list[str], *, after_change: bool, before_change: bool) -> Iterator[Row]:
    head, tail = CONTEXT * after_change, CONTEXT * before_change
    folded = lines[head : len(lines) - tail]
    if len(folded) < FEWEST_FOLDED:
        yield _same(lines)
        return
    if head:
        yield _same(lines[:head])
    yield Row(mark="fold", spans=(_span("fold", "\n".join(folded)),), lines=len(folded))
    if tail:
        yield _same(lines[-tail:])


def _same(lines: list[str]) -> Row:
    return Row(mark="same", spans=tuple(_spans([("same", "\n".join(lines))])))


def _reworded(out: list[str], into: list[str], work: Work) -> Iterator[Row]:
    """Lines in the place of others: with the words that changed where they are alike, else all out and all in."""
    old, new = "\n".join(out), "\n".join(into)
    marked = list(_marked(old, new, work)) if out and into else []
    if _are_alike(marked, old, new):
        yield Row(mark="changed", spans=tuple(_spans(_tidied(marked))))
        return
    if out:
        yield Row(mark="out", spans=(_span("out", old),))
    if into:
        yield Row(mark="in", spans=(_span("in", new),))


def _marked(old: str, new: str, work: Work) -> Iterator[Marked]:
    before, after = TOKEN.findall(old), TOKEN.findall(new)
    for out, into, same in gaps(matches(before, after, work), len(before), len(after)):
        for mark, tokens in (("out", before[out]), ("in", after[into]), ("same", before[same])):
            if tokens:
                yield mark, "".join(tokens)  # type: ignore[misc]


def _are_alike(marked: Sequence[Marked], old: str, new: str) -> bool:
    kept = sum(len(word) for mark, text in marked if mark == "same" for word in WORD.findall(text))
    longer = max(sum(len(word) for word in WORD.findall(text)) for text in (old, new))
    return bool(marked) and kept >= ALIKE * longer


def _tidied(marked: Sequence[Marked]) -> Iterator[Marked]:
    """Without islands: a space or comma that stayed between two words that changed changes with them."""
    out, into = "", ""
    for number, (mark, text) in enumerate(marked):
        is_inside = mark == "same" and 0 < number < len(marked) - 1 and bool(out and into)
        is_island = is_inside and "\n" not in text and IN_BETWEEN.fullmatch(text) is not None
        if mark != "in" and (mark == "out" or is_island):
            out += text
        if mark == "in" or is_island:
            into += text
        if mark == "same" and not is_island:
            yield from _settled(out, into)
            out, into = "", ""
            yield mark, text
    yield from _settled(out, into)


def _settled(out: str, into: str) -> Iterator[Marked]:
    """One change; what both sides end with, after islands were taken in, is no change."""
    kept = ""
    while out and into and out[-1] == into[-1] and not out[-1].isalnum():
        out, into, kept = out[:-1], into[:-1], out[-1] + kept
    if out:
        yield "out", out
    if into:
        yield "in", into
    if kept:
        yield "same", kept


def _spans(marked: Iterable[Marked]) -> Iterator[Span]:
    """The pieces of a row; neighbours that stayed are one, and of long ones the middle is folded."""
    pieces: list[Marked] = []
    for mark, text in marked:
        if pieces and mark == "same" == pieces[-1][0]:
            pieces[-1] = ("same", pieces[-1][1] + text)
        else:
            pieces.append((mark, text))
    for mark, text in pieces:
        if mark == "same" and len(text) > LONG_STRETCH:
            for part, (start, stop) in zip(("same", "fold", "same"), pairwise(_cuts(text)), strict=True):
                yield _span(part, text[start:stop])  # type: ignore[arg-type]
        else:
            yield _span(mark, text)


def _cuts(text: str) -> tuple[int, int, int, int]:
    """Where the middle begins and ends: at a space where one is near."""
    begin, end = text.rfind(" ", ENDS // 2, ENDS) + 1 or ENDS, len(text) - ENDS
    end = text.find(" ", end, end + ENDS // 2)
    return 0, begin, end if end > 0 else len(text) - ENDS, len(text)


def _span(mark: Mark, text: str) -> Span:
    most = MOST_FOLDED if mark in ("same", "fold") else MOST_SHOWN
    return Span(mark=mark, text=text[:most], left_out=max(0, len(text) - most))
