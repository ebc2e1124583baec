"""Toolkit: tools that belong together, and which of them people are asked about, by name."""

import inspect
import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from workflows.agents.function import Function
from workflows.agents.signature import name_of

logger = logging.getLogger(__name__)

# Which list of names sets which setting of a tool.
LISTS = {
    "requires_confirmation_tools": "requires_confirmation",
    "external_execution_required_tools": "external_execution",
    "stop_after_tool_call_tools": "stop_after_tool_call",
    "show_result_tools": "show_result",
}
CHOICES = ("include_tools", "exclude_tools")
CACHING = ("cache_results", "cache_ttl", "cache_dir")


class Toolkit:
    """Some tools under one name. `functions` holds them by their names.

    `options`: `requires_confirmation_tools`, `external_execution_required_tools`, `stop_after_tool_call_tools`,
    `show_result_tools`, `include_tools`, `exclude_tools` are lists of names, of which unknown ones are only warned
    about; `cache_results`, `cache_ttl` (seconds) and `cache_dir` count for all tools; `async_tools` are pairs of an
    async function and the name of the tool that it can stand for. TypeError on any other.

    A subclass hands its methods to `__init__`, or to `register` afterwards, and forwards what it is not interested
    in. The tools themselves are not changed: two toolkits may hold the same function with different settings.
    """

    def __init__(
        self,
        name: str = "toolkit",
        tools: Iterable[Function | Callable[..., Any]] = (),
        instructions: str | None = None,
        add_instructions: bool = False,
        **options: Any,
    ) -> None:
        self.name, self.instructions, self.add_instructions = name, instructions, add_instructions
        async_tools = options.pop("async_tools", None) or ()
        self.auto_register = bool(options.pop("auto_register", True))
        self.lists = {names: list(options.pop(names, None) or ()) for names in (*LISTS, *CHOICES)}
        self.caching = {setting: options.pop(setting) for setting in CACHING if setting in options}
        if options:
            raise TypeError(f"A toolkit has no settings {', '.join(sorted(options))}")
        self.functions: dict[str, Function] = {}
        self.async_functions: dict[str, Function] = {}
        self._offered: set[str] = set()
        self._warned: set[str] = set()
        self.tools = list(tools)
        if self.auto_register:
            self._register_all(async_tools)

    def register(self, function: Function | Callable[..., Any], name: str | None = None) -> None:
        """One more tool, with the settings that the lists give it; left out where they leave it out."""
        named = name or (function.name if isinstance(function, Function) else name_of(function))
        self._offered.add(named)
        if not self._is_included(named):
            return
        made = Function.of(function, name=named, **self._settings(named))
        known = self.async_functions if _is_async(made) and named in self.functions else self.functions
        known[named] = made

    async def discover(self) -> list[Function]:
        """The tools, once they are known; most toolkits know them at once."""
        return self._all()

    def discover_now(self) -> list[Function]:
        """The same for callers that cannot await; may block."""
        return self._all()

    def _all(self) -> list[Function]:
        self._warn(self.lists)
        return list(self.functions.values())

    def _register_all(self, async_tools: Iterable[tuple[Callable[..., Any], str]]) -> None:
        for function in self.tools:
            self.register(function)
        for function, name in async_tools:
            self.register(function, name)
        if self.functions:  # a method of the toolkit may still be registered under its name
            later = {
                names: [name for name in listed if not hasattr(self, name)]
                for names, listed in self.lists.items()
            }
            self._warn(later)

    def _is_included(self, name: str) -> bool:
        included, excluded = (self.lists[names] for names in CHOICES)
        return (not included or name in included) and name not in excluded

    def _settings(self, name: str) -> dict[str, Any]:
        named = {setting: True for names, setting in LISTS.items() if name in self.lists[names]}
        return named | self.caching

    def _warn(self, lists: Mapping[str, list[str]]) -> None:
        """Say once which names belong to no tool."""
        for names, listed in lists.items():
            for name in listed:
                if name not in self._offered | self._warned:
                    self._warned.add(name)
                    logger.warning("%s: toolkit '%s' has no tool '%s'", names, self.name, name)


def tools_of(given: Iterable[Any]) -> list[Function]:
    """The tools that an agent was given: functions, tools and toolkits. May block, where a toolkit has to ask."""
    found: list[Function] = []
    for item in given:
        found += item.discover_now() if isinstance(item, Toolkit) else [Function.of(item)]
    return found


def instructions_of(given: Iterable[Any]) -> list[str]:
    """What tools and toolkits have to say to the model, where they want it said."""
    said = (item for item in given if isinstance(item, Toolkit | Function) and item.add_instructions)
    return [item.instructions for item in said if item.instructions]


def _is_async(function: Function) -> bool:
    return function.entrypoint is not None and inspect.iscoroutinefunction(function.entrypoint)
