"""Finds the words in code that no translation reaches: labels, messages and refusals that people read."""

import ast
from collections.abc import Iterator

# Where Django takes words for people: keyword arguments by their names, calls by theirs.
KEYWORDS = {
    "label",
    "help_text",
    "verbose_name",
    "verbose_name_plural",
    "description",
    "empty_label",
    "error_messages",
}
CALLS = {"PermissionDenied", "ValidationError"}
MESSAGES = {"success", "info", "warning", "error"}
ATTRIBUTES = {"verbose_name", "verbose_name_plural", "short_description", "site_header", "index_title"}


def untranslated_words(source: str) -> list[str]:
    """The literals that stand where people read them."""
    return [text for node in ast.walk(ast.parse(source)) for text in _words_of(node)]


def _words_of(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Call):
        yield from (text for word in node.keywords if word.arg in KEYWORDS for text in _literal(word.value))
        if _is_read(node.func):
            yield from (text for value in node.args for text in _literal(value))
    elif isinstance(node, ast.Assign):
        names = {target.id for target in node.targets if isinstance(target, ast.Name)}
        if names & ATTRIBUTES:
            yield from _literal(node.value)


def _is_read(function: ast.expr) -> bool:
    if isinstance(function, ast.Name):
        return function.id in CALLS
    return (
        isinstance(function, ast.Attribute)
        and function.attr in MESSAGES
        and isinstance(function.value, ast.Name)
        and function.value.id == "messages"
    )


def _literal(value: ast.expr) -> Iterator[str]:
    if isinstance(value, ast.JoinedStr):
        yield ast.unparse(value)
    elif isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value.strip():
        yield value.value
