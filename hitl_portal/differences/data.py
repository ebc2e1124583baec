"""Two pieces of data: what was added, removed or changed, by its path. Members of a list that have an id are compared
with the member of the same id, others by their place."""

import json
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from itertools import islice, zip_longest
from typing import Any, Literal

from hitl_portal.differences.findings import Difference, Kind
from hitl_portal.differences.sequences import Work, gaps, matches
from hitl_portal.differences.texts import compared_texts

MOST_CHANGES = 200
DEEPEST = 40  # below that, data is the same or another
LONG_TEXT = 40  # a text of so many characters is compared by words
IDS = ("id", "key", "uuid", "name")
ABSENT = object()

Fate = Literal["added", "removed", "changed", "moved"]
Path = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Change:
    """What became of one place: "moved": the members of a list stand in another order. `words` where both are text."""

    path: Path
    fate: Fate
    before: Any = None
    after: Any = None
    words: Difference | None = None


def compared_data(before: Any, after: Any, work: Work) -> Difference:
    """What makes `after` of `before`."""
    changes = list(islice(_Comparison(work).of(before, after, ()), MOST_CHANGES + 1))
    if not changes:
        return Difference(kind=Kind.SAME)
    return Difference(
        kind=Kind.DATA, changes=tuple(changes[:MOST_CHANGES]), is_cut=len(changes) > MOST_CHANGES
    )


class _Comparison:
    def __init__(self, work: Work) -> None:
        self.work = work

    def of(self, before: Any, after: Any, path: Path) -> Iterator[Change]:
        """Every change at a path and below it."""
        if before is ABSENT:
            yield Change(path=path, fate="added", after=after)
        elif after is ABSENT:
            yield Change(path=path, fate="removed", before=before)
        elif len(path) < DEEPEST and isinstance(before, dict) and isinstance(after, dict):
            yield from self._objects(before, after, path)
        elif len(path) < DEEPEST and isinstance(before, list) and isinstance(after, list):
            yield from self._lists(before, after, path)
        elif _plain(before) != _plain(after):
            words = self._words(before, after)
            yield Change(path=path, fate="changed", before=before, after=after, words=words)

    def _words(self, before: Any, after: Any) -> Difference | None:
        are_texts = isinstance(before, str) and isinstance(after, str)
        if not are_texts or max(len(before), len(after)) < LONG_TEXT:
            return None
        return compared_texts(before, after, self.work)

    def _objects(self, before: dict[str, Any], after: dict[str, Any], path: Path) -> Iterator[Change]:
        for key in {**before, **after}:
            yield from self.of(before.get(key, ABSENT), after.get(key, ABSENT), (*path, str(key)))

    def _lists(self, before: list[Any], after: list[Any], path: Path) -> Iterator[Change]:
        name = _shared_id(before, after)
        if name is None:
            yield from self._by_place(before, after, path)
            return
        old, new = ({item[name]: item for item in items} for items in (before, after))
        for value in {**old, **new}:
            yield from self.of(old.get(value, ABSENT), new.get(value, ABSENT), (*path, f"{name} {value}"))
        if [value for value in old if value in new] != [value for value in new if value in old]:
            yield Change(path=path, fate="moved")

    def _by_place(self, before: list[Any], after: list[Any], path: Path) -> Iterator[Change]:
        old, new = ([_plain(item) for item in items] for items in (before, after))
        for out, into, _same in gaps(matches(old, new, self.work), len(old), len(new)):
            pairs = zip_longest(before[out], after[into], fillvalue=ABSENT)
            for number, (item, other) in enumerate(pairs, 1):
                place = number + (out.start if other is ABSENT else into.start)
                yield from self.of(item, other, (*path, f"#{place}"))


def _plain(value: Any) -> Hashable:
    """Data as something that is equal where it is the same for JSON: true is not 1, but 1.0 is."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, str) else (json.dumps(value, sort_keys=True, default=str),)


def _shared_id(before: list[Any], after: list[Any]) -> str | None:
    """The key by which every member of both lists is told apart from its neighbours."""
    if not (before and after):
        return None
    return next((name for name in IDS if _tells_apart(name, before) and _tells_apart(name, after)), None)


def _tells_apart(name: str, items: list[Any]) -> bool:
    values = [item.get(name) if isinstance(item, dict) else None for item in items]
    are_names = all(isinstance(value, str | int) and not isinstance(value, bool) for value in values)
    return are_names and len(set(values)) == len(values)
