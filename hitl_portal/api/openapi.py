"""The OpenAPI description: what Ninja finds out by itself, and what holds for every operation: problems, ETags."""

from copy import deepcopy
from typing import Any

from ninja.openapi.schema import OpenAPISchema

from hitl_portal.api.examples import add_examples

PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemOut"}}}
READING = {
    "400": "The request cannot be read",
    "401": "Nobody is known to call",
    "403": "Not allowed: of this person, or of a token with these scopes",
    "404": "There is no such thing, or it is not theirs to see",
    "422": "What was sent does not fit",
    "503": "The database is away, or too much is open; try again",
}
WRITING = READING | {
    "409": "Something else happened first",
    "413": "The body is too large",
    "429": "Too many at a time; try again after `Retry-After` seconds",
}
CHANGED = {"412": "It is no longer what was read"}
CONDITION = {
    "in": "header",
    "name": "If-None-Match",
    "required": False,
    "schema": {"type": "string"},
    "description": "The ETag of the answer that one has: 304 where it is still the same",
}


def described(schema: OpenAPISchema) -> OpenAPISchema:
    """The description of an API, completed."""
    for operations in schema["paths"].values():
        for method, operation in operations.items():
            _complete(method, operation)
            add_examples(operation, schema["components"]["schemas"])
    return schema


def _complete(method: str, operation: dict[str, Any]) -> None:
    answers = {str(status): answer for status, answer in operation["responses"].items()}
    told = READING if method == "get" else WRITING | (CHANGED if "412" in answers else {})
    for status, said in told.items():
        answers[status] = {"description": said, "content": deepcopy(PROBLEM)}
    is_json = "application/json" in answers.get("200", {}).get("content", {})
    if method == "get" and is_json:
        answers["304"] = {"description": "Nothing has changed"}
        operation.setdefault("parameters", []).append(CONDITION)
    operation["responses"] = dict(sorted(answers.items()))
