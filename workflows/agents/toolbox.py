"""Toolbox: the tools of one agent by name, those included that a server must be asked for."""

from collections.abc import Iterable
from typing import Any

from workflows.agents.function import Function
from workflows.agents.toolkit import Toolkit, instructions_of, tools_of


class Toolbox:
    """The tools that an agent was given: functions, tools and toolkits. Of two with one name the first counts."""

    def __init__(self, given: Iterable[Any]) -> None:
        self._given = list(given)
        self._known: dict[str, Function] | None = None
        # What needs no asking is looked at now, so that a mistake in it is told where it was made.
        self._own = {
            item.name: item
            for item in (Function.of(each) for each in self._given if not isinstance(each, Toolkit))
        }

    def find(self, name: str) -> Function | None:
        """A tool by its name; may block, where a toolkit has to ask."""
        if self._known is None:
            self._known = _by_name(tools_of(self._given))
        return self._known.get(name)

    async def all(self) -> list[Function]:
        """All of them."""
        if self._known is None:
            found: list[Function] = []
            for item in self._given:
                found += await item.discover() if isinstance(item, Toolkit) else [Function.of(item)]
            self._known = _by_name(found)
        return list(self._known.values())

    def repeats(self, name: str) -> bool:
        """Whether a tool that is known already may simply be used again."""
        kits = [item.functions for item in self._given if isinstance(item, Toolkit)]
        known = [self._known or self._own, *kits]
        return next((tools[name].repeatable for tools in known if name in tools), False)

    @property
    def instructions(self) -> list[str]:
        """What the tools have to say to the model."""
        return instructions_of(self._given)


def _by_name(tools: Iterable[Function]) -> dict[str, Function]:
    found: dict[str, Function] = {}
    for tool in tools:
        found.setdefault(tool.name, tool)
    return found
