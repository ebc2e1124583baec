"""Signature: what a function takes, read once: a schema for the model, and a check of what was given.

Pydantic reads the types, the docstring (Google, NumPy or reST style) says what each parameter means.
"""

import inspect
from collections.abc import Callable, Mapping
from functools import cached_property, partial
from types import SimpleNamespace
from typing import Annotated, Any, NotRequired, Protocol, get_args, get_type_hints

import docstring_parser
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.errors import PydanticUserError
from pydantic.fields import FieldInfo
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import PydanticSerializationError, to_jsonable_python
from typing_extensions import TypedDict

from workflows.types import InputErrors

# What a function may ask for by name besides its arguments; the model never sees these.
GIVEN = ("session_state", "run_context", "agent", "team")

# Under one of these annotations, a parameter of such a name is an argument like any other.
SCALARS = (str, int, float, bool, *("str", "int", "float", "bool"))

NONE: frozenset[str] = frozenset()


class Takes(Protocol):
    """What a tool takes, however that is known."""

    @property
    def schema(self) -> dict[str, Any]:
        """All arguments, as a JSON schema of an object."""

    @property
    def wants(self) -> frozenset[str]:
        """Which of GIVEN it asks for."""

    def check(self, args: Mapping[str, Any], may_miss: frozenset[str] = NONE) -> dict[str, Any]:
        """The arguments as the function takes them; raises InputErrors by argument."""


class Signature:
    """A Python function's. Raises ValueError for a parameter that no JSON can fill."""

    def __init__(self, function: Callable[..., Any], name: str | None = None) -> None:
        self.function = function
        self.name = name or name_of(function)
        parameters = _parameters(function)
        self.wants = frozenset(p.name for p in parameters if _is_given(p))
        self.open = any(p.kind is p.VAR_KEYWORD for p in parameters)
        closed = (p for p in parameters if p.name not in self.wants and p.kind is not p.VAR_KEYWORD)
        self.parameters = {p.name: p for p in closed}
        self._adapters: dict[frozenset[str], TypeAdapter[Any]] = {}

    @cached_property
    def schema(self) -> dict[str, Any]:
        """All arguments, as a JSON schema of an object."""
        try:
            schema = self._adapter(NONE).json_schema(schema_generator=_WithoutTitles)
        except PydanticUserError as wrong:
            raise self._unfillable(wrong) from None
        schema.pop("title", None)
        return {"properties": {}, **schema}

    def check(self, args: Mapping[str, Any], may_miss: frozenset[str] = NONE) -> dict[str, Any]:
        """The arguments as Python values; raises InputErrors by argument."""
        try:
            checked = dict(self._adapter(may_miss).validate_python(dict(args)))
        except ValidationError as wrong:
            raise InputErrors(_problems(wrong, self.parameters)) from None
        return self._declared_defaults(checked) | checked

    def _declared_defaults(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Of a parameter `= Field(default=…)`, which the function itself would not understand."""
        declared = {
            name: p.default for name, p in self.parameters.items() if isinstance(p.default, FieldInfo)
        }
        return {
            name: field.get_default(call_default_factory=True)
            for name, field in declared.items()
            if name not in given and not field.is_required()
        }

    def _adapter(self, may_miss: frozenset[str]) -> TypeAdapter[Any]:
        if may_miss not in self._adapters:
            self._adapters[may_miss] = self._made(may_miss)
        return self._adapters[may_miss]

    def _made(self, may_miss: frozenset[str]) -> TypeAdapter[Any]:
        fields = {
            name: _field(p, self._hints[name], self._descriptions.get(name), name in may_miss)
            for name, p in self.parameters.items()
        }
        make: Any = TypedDict  # its fields are known only now
        kind = make("Arguments", fields)
        kind.__pydantic_config__ = ConfigDict(extra="allow" if self.open else "forbid")
        try:
            return TypeAdapter(kind)
        except PydanticUserError as wrong:
            raise self._unfillable(wrong) from None

    def _unfillable(self, wrong: PydanticUserError) -> ValueError:
        why = wrong.message.split(". ")[0]
        return ValueError(f"Tool '{self.name}': no JSON can fill its parameters: {why}")

    @cached_property
    def _hints(self) -> dict[str, Any]:
        written = {name: p.annotation for name, p in self.parameters.items() if p.annotation is not p.empty}
        function = inspect.unwrap(_inside(self.function))
        scope = getattr(function, "__globals__", {})
        try:
            found = get_type_hints(SimpleNamespace(__annotations__=written), scope, include_extras=True)
        except NameError as unknown:
            raise ValueError(f"Tool '{self.name}': a type cannot be read: {unknown}") from None
        return dict.fromkeys(self.parameters, Any) | found

    @cached_property
    def _descriptions(self) -> dict[str, str]:
        found = docstring_parser.parse(docstring(self.function)).params
        return {p.arg_name.lstrip("*"): p.description for p in found if p.description}


class Declared:
    """What is known from a JSON schema alone: which arguments there are, and which of them must be given."""

    wants: frozenset[str] = NONE

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self.schema = {"type": "object", "properties": {}} | dict(schema)

    def check(self, args: Mapping[str, Any], may_miss: frozenset[str] = NONE) -> dict[str, Any]:
        """The arguments as they are; raises InputErrors by argument."""
        names = tuple(self.schema["properties"])
        problems = {
            name: _missing(name)
            for name in self.schema.get("required", ())
            if name not in args.keys() | may_miss
        }
        if not self.schema.get("additionalProperties", False):
            problems |= {name: _unknown(name, names) for name in args if name not in names}
        if problems:
            raise InputErrors(problems)
        return dict(args)


def name_of(function: Callable[..., Any]) -> str:
    """What a callable is called."""
    inside = _inside(function)
    return getattr(inside, "__name__", type(inside).__name__)


def docstring(function: Callable[..., Any]) -> str:
    """What is written at a callable."""
    return inspect.getdoc(_inside(function)) or ""


def description(function: Callable[..., Any]) -> str:
    """The part of a docstring that says what the function does."""
    return (docstring_parser.parse(docstring(function)).description or "").strip()


def is_method(function: Callable[..., Any]) -> bool:
    """It still lacks the object whose method it is."""
    first = next(iter(inspect.signature(function).parameters), None)
    return inspect.isfunction(function) and first == "self"


class _WithoutTitles(GenerateJsonSchema):
    """Names of parameters say enough; titles would only cost tokens."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002  pydantic's
        return False


def _inside(function: Callable[..., Any]) -> Callable[..., Any]:
    return _inside(function.func) if isinstance(function, partial) else function


def _parameters(function: Callable[..., Any]) -> list[inspect.Parameter]:
    found = list(inspect.signature(function).parameters.values())
    if is_method(function):
        del found[0]
    only = next((p.name for p in found if p.kind is p.POSITIONAL_ONLY), None)
    if only is not None:
        raise ValueError(f"Tool '{name_of(function)}': '{only}' cannot be given by name")
    return [p for p in found if p.kind is not p.VAR_POSITIONAL]


def _is_given(parameter: inspect.Parameter) -> bool:
    return parameter.name in GIVEN and parameter.annotation not in SCALARS


def _field(parameter: inspect.Parameter, hint: Any, described: str | None, may_miss: bool) -> Any:
    default = parameter.default
    own = [meta for meta in (*get_args(hint)[1:], default) if isinstance(meta, FieldInfo)]
    if described and not any(field.description for field in own):
        hint = Annotated[hint, Field(description=described)]
    if isinstance(default, FieldInfo):
        hint = Annotated[hint, default]
        return NotRequired[hint] if may_miss or not default.is_required() else hint
    if default is inspect.Parameter.empty:
        return NotRequired[hint] if may_miss else hint
    shown = _shown(default)
    return NotRequired[Annotated[hint, Field(json_schema_extra=shown)] if shown else hint]


def _shown(default: Any) -> dict[str, Any] | None:
    """A default as the schema says it; the function itself knows those that JSON has no word for."""
    try:
        plain = to_jsonable_python(default)
    except PydanticSerializationError:
        return None
    return None if plain is None else {"default": plain}


def _problems(wrong: ValidationError, known: Mapping[str, Any]) -> dict[str, str]:
    problems: dict[str, str] = {}
    for error in wrong.errors(include_url=False, include_context=False, include_input=False):
        name, *inside = (str(part) for part in error["loc"]) if error["loc"] else ("arguments",)
        problem = _problem(error["type"], name, inside, error["msg"], tuple(known))
        problems[name] = f"{problems[name]}; {problem}" if name in problems else problem
    return problems


def _problem(kind: str, name: str, inside: list[str], message: str, known: tuple[str, ...]) -> str:
    if kind == "missing" and not inside:
        return _missing(name)
    if kind == "extra_forbidden" and not inside:
        return _unknown(name, known)
    return f"Field '{'.'.join((name, *inside))}': {message}"


def _missing(name: str) -> str:
    return f"Required field '{name}' is missing or empty"


def _unknown(name: str, known: tuple[str, ...]) -> str:
    takes = f"it takes {', '.join(known)}" if known else "it takes none"
    return f"Unknown argument '{name}': {takes}"
