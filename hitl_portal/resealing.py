"""Resealing: moves everything that is sealed under the key that seals now, so that old keys can be taken away.

Each part says in its app's `ready` where it keeps sealed texts; this module knows no part.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import models

from hitl_portal.sealing import Unreadable, is_current, seal, unseal

AT_ONCE = 200


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where texts sealed for one purpose are kept.

    `texts` gives the id of each row with its sealed text. `replace(id, old, new)` writes the new one where the old one
    stands still, and says whether it did: who changes a row at the same time wins.
    """

    name: str
    purpose: str
    texts: Callable[[], Iterator[tuple[Any, str]]]
    replace: Callable[[Any, str, str], bool]


@dataclass(kw_only=True)
class Resealed:
    """What was found: under the key of now already, moved there, and what no key opens."""

    current: int = 0
    moved: int = 0
    unreadable: list[str] = field(default_factory=list)


_places: dict[str, Place] = {}


def keeps(place: Place) -> None:
    """Say that sealed texts are kept there; once for each name."""
    _places[place.name] = place


def keeps_in_field(model: type[models.Model], name: str, purpose: str) -> None:
    """Say that a text field holds sealed texts, or nothing."""
    rows = model._default_manager

    def texts() -> Iterator[tuple[Any, str]]:
        yield from rows.exclude(**{name: ""}).order_by("pk").values_list("pk", name).iterator(AT_ONCE)

    def replace(row_id: Any, old: str, new: str) -> bool:
        return bool(rows.filter(**{"pk": row_id, name: old}).update(**{name: new}))

    keeps(Place(name=f"{model._meta.label}.{name}", purpose=purpose, texts=texts, replace=replace))


def keeps_in_json(model: type[models.Model], name: str, key: str, purpose: str) -> None:
    """Say that a JSON field holds an object with a sealed text under this key, in some rows."""
    rows = model._default_manager

    def texts() -> Iterator[tuple[Any, str]]:
        for row_id, data in rows.order_by("pk").values_list("pk", name).iterator(AT_ONCE):
            if data.get(key):
                yield row_id, data[key]

    def replace(row_id: Any, old: str, new: str) -> bool:
        held = rows.filter(pk=row_id, **{f"{name}__{key}": old})
        data = held.values_list(name, flat=True).first()
        return data is not None and bool(held.update(**{name: data | {key: new}}))

    keeps(Place(name=f"{model._meta.label}.{name}.{key}", purpose=purpose, texts=texts, replace=replace))


def places() -> list[Place]:
    """All that are known, by name."""
    return [_places[name] for name in sorted(_places)]


def reseal() -> Resealed:
    """Look at every sealed text there is. May be called again at any time, and while the portal is used."""
    found = Resealed()
    for place in places():
        for row_id, old in place.texts():
            _reseal(place, row_id, old, found)
    return found


def _reseal(place: Place, row_id: Any, old: str, found: Resealed) -> None:
    if is_current(old, place.purpose):
        found.current += 1
        return
    try:
        new = seal(unseal(old, place.purpose), place.purpose)
    except Unreadable:
        found.unreadable.append(f"{place.name} {row_id}")
    else:
        found.moved += place.replace(row_id, old, new)
