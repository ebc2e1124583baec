"""Input schema: what a workflow's author says of its input, as a schema for pages and as a check of what is given."""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic.errors import PydanticUserError

from workflows.types import InputErrors
from workflows.types.form_schema import check_input

Accept = Callable[[Any], Any]


def read(declared: Any) -> tuple[dict[str, Any] | None, Accept]:
    """The JSON schema of what was declared (a pydantic model, a dataclass, a TypedDict, or a JSON schema itself), and a
    function that makes of an input what steps get, or raises InputErrors. ValueError where JSON cannot say it."""
    if declared is None:
        return None, _anything
    if isinstance(declared, Mapping):
        return dict(declared), lambda given: _checked(declared, given)
    try:
        adapter: TypeAdapter[Any] = TypeAdapter(declared)
        schema = adapter.json_schema()
    except PydanticUserError as wrong:
        raise ValueError(f"input_schema: no JSON can fill it: {wrong.message.split('. ')[0]}") from None
    return schema, lambda given: _made(adapter, given)


def _anything(given: Any) -> Any:
    return given


def _checked(schema: Mapping[str, Any], given: Any) -> Any:
    check_input(schema, given)
    return given


def _made(adapter: TypeAdapter[Any], given: Any) -> Any:
    """Of text, what it says as JSON."""
    try:
        return adapter.validate_json(given) if isinstance(given, str) else adapter.validate_python(given)
    except ValidationError as wrong:
        problems: dict[str, str] = {}
        for error in wrong.errors(include_url=False, include_context=False, include_input=False):
            place = ".".join(str(part) for part in error["loc"]) or "input"
            problems.setdefault(place.split(".")[0], f"Field '{place}': {error['msg']}")
        raise InputErrors(problems) from None
