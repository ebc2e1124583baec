"""Function: a tool, made of a Python function by `@tool`: what the model may ask for, and who is asked before."""

import inspect
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Self, cast, overload

from workflows.agents.approvals import ApprovalType, approval_type, stamped
from workflows.agents.caching import ResultCache, key_of
from workflows.agents.hooks import FunctionCall, Hook, Steps, around, finished, is_async, told, wanted
from workflows.agents.signature import NONE, Declared, Signature, Takes, description, is_method, name_of
from workflows.engine import values
from workflows.engine.conversation import ToolSpec
from workflows.engine.functions import Yielded, drained
from workflows.types import Answer, RequirementKind
from workflows.types.form_schema import form
from workflows.types.step_io import as_text

REJECTED = "Function call was rejected by the user"
GATES = {
    "requires_user_input": RequirementKind.tool_input,
    "requires_confirmation": RequirementKind.tool_confirmation,
    "external_execution": RequirementKind.external_execution,
}


class _Parameters:
    """The attribute `parameters`: what was given, else read from the function when somebody looks."""

    def __get__(self, function: Any, owner: type) -> Any:
        if function is None:
            return None  # the field's default
        given = vars(function).get("parameters")
        return function.takes.schema if given is None else given

    def __set__(self, function: Any, value: Any) -> None:
        vars(function)["parameters"] = value


@dataclass(kw_only=True, eq=False)
class Function:
    """A tool. `entrypoint` is the author's function, to be called as it is; `call` is one use of it, with its hooks.

    `parameters` is a JSON schema; only where it cannot be read from the function does it have to be given.
    `user_input_fields` are filled in by a person and never shown to the model; with `requires_user_input` alone, all
    are. `cache_results` keeps results for `cache_ttl` seconds, in the process or in `cache_dir`. `repeatable` (ours):
    a use that a crash has cut off simply starts again, else a person is asked. Raises ValueError on settings that do
    not go together.
    """

    name: str
    entrypoint: Callable[..., Any] | None = None
    description: str | None = None
    parameters: dict[str, Any] = cast(Any, _Parameters())  # noqa: RUF009  it keeps nothing itself
    strict: bool | None = None
    instructions: str | None = None
    add_instructions: bool = True
    show_result: bool | None = None
    stop_after_tool_call: bool = False
    requires_confirmation: bool = False
    requires_user_input: bool = False
    user_input_fields: list[str] | None = None
    external_execution: bool = False
    external_execution_silent: bool = False
    pre_hook: Hook | None = None
    post_hook: Hook | None = None
    tool_hooks: list[Hook] | None = None
    cache_results: bool = False
    cache_dir: str | Path | None = None
    cache_ttl: int = 3600
    approval_type: ApprovalType | str | None = None
    repeatable: bool = False
    signature: Takes | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if self.description is None and self.entrypoint is not None:
            self.description = description(self.entrypoint)
        if self.approval_type is not None:
            self.approval_type = approval_type(self.approval_type)
        self.requires_user_input = bool(self.requires_user_input or self.user_input_fields)
        if self.show_result is None and self.stop_after_tool_call:
            self.show_result = True
        folder = Path(self.cache_dir) if self.cache_dir else None
        self._cache = ResultCache(ttl=self.cache_ttl, folder=folder)
        self._refuse_what_does_not_go_together()
        self._refuse_fields_that_there_are_not()

    def __get__(self, instance: Any, owner: type) -> "Function":
        """A method that was made a tool in its class belongs to the object that it is looked up at."""
        if instance is None or self.entrypoint is None or not is_method(self.entrypoint):
            return self
        return self.changed(entrypoint=self.entrypoint.__get__(instance, owner), signature=None)

    @classmethod
    def from_callable(
        cls, function: Callable[..., Any], name: str | None = None, strict: bool | None = None, **options: Any
    ) -> Self:
        """A tool made of a function; `options` are fields of a tool."""
        if not callable(function):
            raise TypeError(f"A tool is a function, not {function!r}")
        marked = {"approval_type": stamped(function)} | options
        return cls(name=name or name_of(function), entrypoint=function, strict=strict, **marked)

    @classmethod
    def of(cls, tool: "Function | Callable[..., Any]", **options: Any) -> "Function":
        """The tool that stands in a list of tools, with `options` changed; TypeError for what is none."""
        if isinstance(tool, Function):
            return tool.changed(**options) if options else tool
        return cls.from_callable(tool, **options)

    def changed(self, **options: Any) -> Self:
        """The same tool with other settings; this one stays as it is."""
        other = copy(self)
        for name, value in options.items():
            setattr(other, name, value)
        vars(other).pop("_takes", None)
        other.__post_init__()
        return other

    # As the engine sees it: the protocol `Tool`.

    @property
    def takes(self) -> Takes:
        """What is known of its arguments."""
        if "_takes" not in vars(self):
            self._takes = self.signature or self._read()
        return self._takes

    @property
    def spec(self) -> ToolSpec:
        """As the model sees it: without the parameters that only people fill in."""
        people, schema = self.asked_of_people, self.parameters
        shown = {name: about for name, about in schema.get("properties", {}).items() if name not in people}
        parameters = schema | {"properties": shown}
        if "required" in schema:
            parameters["required"] = [name for name in schema["required"] if name not in people]
        return ToolSpec(
            name=self.name, description=self.description or "", parameters=parameters, strict=self.strict
        )

    @property
    def gate(self) -> RequirementKind | None:
        """What a person is asked before it is used."""
        return next((kind for flag, kind in GATES.items() if getattr(self, flag)), None)

    @property
    def approval(self) -> str | None:
        """The word "required" or "audit", or None."""
        return str(self.approval_type) if self.approval_type else None

    @property
    def silent(self) -> bool:
        """The wait for an external execution is not put into words."""
        return bool(self.external_execution_silent)

    @property
    def stops(self) -> bool:
        """The agent is done once it was used."""
        return bool(self.stop_after_tool_call)

    @property
    def wants(self) -> frozenset[str]:
        """What it, or a hook around it, asks for besides its arguments."""
        return self.takes.wants | wanted([self.pre_hook, self.post_hook, *(self.tool_hooks or ())])

    @property
    def asked_of_people(self) -> frozenset[str]:
        """The parameters that only people fill in."""
        if not self.requires_user_input:
            return NONE
        return frozenset(self.user_input_fields or self.parameters.get("properties", ()))

    def fields(self, args: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Every parameter as a field of a form. What the model gave for one that is asked of people is left out."""
        given = {name: value for name, value in args.items() if name not in self.asked_of_people}
        return [
            about | {"value": given.get(about["name"]), "of_model": about["name"] in given}
            for about in form(self.parameters)
        ]

    def questions(self, args: Mapping[str, Any]) -> list[dict[str, Any]]:  # noqa: ARG002  the protocol's
        """None: only a feedback tool has some."""
        return []

    def check(self, args: Mapping[str, Any], *, complete: bool) -> dict[str, Any]:
        """The arguments as the function takes them; raises InputErrors. Where not `complete`, what is asked of people
        may be missing, and what the model gave for it does not count."""
        if complete:
            return self.takes.check(args)
        people = self.asked_of_people
        return self.takes.check({name: args[name] for name in args if name not in people}, people)

    def answered(self, args: Mapping[str, Any], answer: Answer) -> str | None:  # noqa: ARG002  the protocol's
        """What the model is told when the answer itself is the result; None when the function is to be called."""
        if not answer.approved:
            return answer.feedback or REJECTED
        if self.gate is RequirementKind.external_execution:
            return "" if answer.content is None else as_text(answer.content)
        return None

    def call(self, args: Mapping[str, Any], given: Mapping[str, Any]) -> Any:
        """Use it, hooks and all: the result, or an awaitable of it; a Yielded where a generator gave events too."""
        return finished(self._use(FunctionCall(function=self, arguments=dict(args)), given))

    # One use.

    def _use(self, call: FunctionCall, given: Mapping[str, Any]) -> Steps:
        events: list[Any] = []
        yield told(self.pre_hook, call, given)
        use = around(self.tool_hooks or (), self.name, self._body(given, events), given)
        try:
            call.result = yield use(**call.arguments)
        except Exception as error:
            call.error = str(error)
            raise
        yield told(self.post_hook, call, given)
        return Yielded(pieces=[*events, call.result]) if events else call.result

    def _body(self, given: Mapping[str, Any], events: list[Any]) -> Callable[..., Any]:
        """The function itself, as what hooks stand around."""
        entrypoint = self.entrypoint
        if entrypoint is None:
            raise LookupError(f"Tool '{self.name}' has no function of its own")
        own = {name: given[name] for name in self.takes.wants if name in given}

        def use(**arguments: Any) -> Any:
            return finished(self._executed(lambda: entrypoint(**arguments, **own), arguments, events))

        async def ause(**arguments: Any) -> Any:
            result = use(**arguments)
            return await result if inspect.isawaitable(result) else result

        return ause if is_async(entrypoint) else use

    def _executed(self, execute: Callable[[], Any], arguments: Mapping[str, Any], events: list[Any]) -> Steps:
        key = key_of(self.name, arguments) if self.cache_results else None
        kept = self._cache.find(key) if key else None
        if kept is not None:
            return values.decode(kept)
        result = yield drained(execute())
        if isinstance(result, Yielded):
            events += result.events
            result = result.result().content
        if key:
            self._keep(key, result)
        return result

    def _keep(self, key: str, result: Any) -> None:
        try:
            self._cache.keep(key, values.encode(result))
        except values.UnencodableValue:
            return  # what is no data is made anew each time

    # Settings.

    def _refuse_what_does_not_go_together(self) -> None:
        if sum(bool(getattr(self, flag)) for flag in GATES) > 1:
            raise ValueError(
                "Only one of 'requires_user_input', 'requires_confirmation', or 'external_execution' "
                "can be set to True at the same time."
            )
        if self.gate is None and self.approval_type is ApprovalType.required:
            self.requires_confirmation = True
        if self.gate is None and self.approval_type is ApprovalType.audit:
            raise ValueError(
                "@approval(type='audit') requires at least one HITL flag ('requires_confirmation', "
                "'requires_user_input', or 'external_execution') to be set on @tool()."
            )

    def _refuse_fields_that_there_are_not(self) -> None:
        if not self.user_input_fields or self.entrypoint is None or self.signature is not None:
            return
        signature = Signature(self.entrypoint, self.name)
        unknown = set(self.user_input_fields) - signature.parameters.keys()
        if unknown and not signature.open:
            names = ", ".join(sorted(unknown))
            raise ValueError(f"user_input_fields: the tool '{self.name}' has no parameter {names}")

    def _read(self) -> Takes:
        if self.entrypoint is not None:
            return Signature(self.entrypoint, self.name)
        return Declared(vars(self).get("parameters") or {})


# What `@tool` may be told.
OPTIONS = [
    option.name
    for option in fields(Function)
    if option.name not in ("entrypoint", "parameters", "approval_type", "signature")
]


@overload
def tool(function: Callable[..., Any], /) -> Function: ...
@overload
def tool(**options: Any) -> Callable[[Callable[..., Any]], Function]: ...
def tool(*function: Any, **options: Any) -> Any:
    """Make a tool of a function: `@tool`, `@tool()` or `@tool(requires_confirmation=True, …)`.

    The options are those of Function. Raises ValueError on one that there is not, and on settings that do not go
    together.
    """
    unknown = set(options) - set(OPTIONS)
    if unknown:
        raise ValueError(f"Invalid tool configuration arguments: {unknown}. Valid arguments are: {OPTIONS}")
    if len(function) > 1 or (function and not callable(function[0])):
        raise TypeError(f"@tool takes one function, and options by name; not {function!r}")
    if function:
        return Function.from_callable(function[0], **options)
    return lambda made_of: Function.of(made_of, **options)
