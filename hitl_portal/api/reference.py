"""The page that describes the API: what its OpenAPI description says, as HTML of ours that loads nothing else."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from hitl_portal.api.api import api
from hitl_portal.api.examples import resolved
from hitl_portal.pages import page

if TYPE_CHECKING:
    from hitl_portal.pages import PageRequest

Schema = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Field:
    """One parameter, or one property of a body or an answer."""

    name: str
    type: str
    about: str
    where: str = ""
    required: bool = False


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One thing that can be called."""

    method: str
    path: str
    summary: str
    about: str
    parameters: list[Field]
    body: list[Field]
    answer: list[Field]
    example: str
    statuses: list[tuple[str, str]]

    @property
    def anchor(self) -> str:
        """What its heading is linked by."""
        return f"{self.method}-{self.path}".lower().translate(str.maketrans("/{}", "---"))


@require_safe
@page
def reference(request: "PageRequest") -> HttpResponse:
    """All operations, by what they are about."""
    groups = _groups(api.get_openapi_schema())
    return render(request, "api/reference.html", {"groups": groups, "tokens": True})


def _groups(schema: Schema) -> dict[str, list[Operation]]:
    groups: dict[str, list[Operation]] = {}
    known = schema["components"]["schemas"]
    for path, operations in schema["paths"].items():
        for method, said in operations.items():
            tag = (said.get("tags") or ["api"])[0]
            groups.setdefault(tag, []).append(_operation(method, path, said, known))
    return groups


def _operation(method: str, path: str, said: Schema, known: Schema) -> Operation:
    body = _content(said.get("requestBody", {}))
    good: Schema = next((a for status, a in said["responses"].items() if str(status).startswith("2")), {})
    parameters = [
        Field(
            name=each["name"],
            type=_type(each["schema"], known),
            about=each.get("description") or each["schema"].get("description", ""),
            where=each["in"],
            required=each.get("required", False),
        )
        for each in said.get("parameters", ())
    ]
    return Operation(
        method=method.upper(),
        path=path,
        summary=said.get("summary", ""),
        about=said.get("description", ""),
        parameters=parameters,
        body=_fields(body, known),
        answer=_fields(_content(good), known),
        example=_example(said.get("requestBody", {})),
        statuses=[
            (str(status), answer.get("description", "")) for status, answer in said["responses"].items()
        ],
    )


def _content(part: Schema) -> Schema:
    for content in part.get("content", {}).values():
        schema: Schema = content.get("schema", {})
        return schema
    return {}


def _fields(schema: Schema, known: Schema) -> list[Field]:
    whole = resolved(schema, known)
    required = whole.get("required", ())
    return [
        Field(
            name=name, type=_type(each, known), about=each.get("description", ""), required=name in required
        )
        for name, each in whole.get("properties", {}).items()
    ]


def _type(schema: Schema, known: Schema) -> str:
    """A type in a word or two."""
    if "$ref" in schema:
        whole = resolved(schema, known)
        return " | ".join(map(str, whole["enum"])) if "enum" in whole else str(whole.get("title", "object"))
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(_type(each, known) for each in schema["anyOf"]))
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if schema.get("type") == "array":
        return f"[{_type(schema.get('items', {}), known)}]"
    return str(schema.get("format") or schema.get("type") or "any")


def _example(body: Schema) -> str:
    """What the description gives as an example of what is sent."""
    for content in body.get("content", {}).values():
        return json.dumps(content["example"], indent=2, ensure_ascii=False)
    return ""
