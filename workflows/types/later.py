"""Later: a field of a dataclass whose value may be a call that is still to be made: a partial, instead of the value.

It is made when somebody looks, so that a history of many outputs, or a large one, is not decoded for nobody.
"""

from functools import partial
from typing import Any


class Later:
    """The field, as the default of an annotation."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, thing: Any, owner: type) -> Any:
        if thing is None:
            return None  # the field's default
        value = vars(thing).get(self._name)
        if type(value) is partial:
            value = vars(thing)[self._name] = value()
        return value

    def __set__(self, thing: Any, value: Any) -> None:
        vars(thing)[self._name] = value
