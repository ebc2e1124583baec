"""Registry: the workflows that this process knows, found in the `flows.py` of installed apps and in HITL_WORKFLOWS.

An entry of the setting is a module (`shop.approvals`: every Workflow in it) or one object (`shop.approvals:refund`).
Agents and teams in such a module are known too, so that a run of one that a script has begun goes on here; people
are offered to start one only where an entry names it. Modules of users' own are never named `workflows`, which is
this package.
"""

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from types import ModuleType

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string, module_has_submodule

from workflows.agents.base import Conversing
from workflows.models import Workflow as Registration
from workflows.questions import QUESTIONS
from workflows.registration import register_plan
from workflows.workflow import Workflow

Definition = Workflow | Conversing


@cache
def known() -> dict[str, Definition]:
    """Every definition that this process has the code of, by the name of its plan. ImproperlyConfigured when two
    share one."""
    found: dict[str, Definition] = {QUESTIONS.plan.name: QUESTIONS}
    for definition in _found():
        other = found.setdefault(definition.plan.name, definition)
        if other is not definition:
            raise ImproperlyConfigured(f"Two workflows have the id '{definition.plan.name}'")
    return found


def register() -> list[Registration]:
    """Write what can be started here into the table that everybody reads, and return those rows."""
    named = {
        definition.plan.name for entry in settings.HITL_WORKFLOWS if ":" in entry for definition in _at(entry)
    }
    return [
        register_plan(definition.plan)
        for name, definition in known().items()
        if isinstance(definition, Workflow) or name in named
    ]


def _found() -> Iterator[Definition]:
    for config in apps.get_app_configs():
        if config.module is not None and module_has_submodule(config.module, "flows"):
            yield from _in_module(import_module(f"{config.name}.flows"))
    for entry in settings.HITL_WORKFLOWS:
        yield from _at(entry)


def _at(entry: str) -> Iterator[Definition]:
    module, _, name = entry.partition(":")
    if not name:
        yield from _in_module(import_module(module))
        return
    definition = import_string(f"{module}.{name}")
    if not isinstance(definition, Definition):
        raise ImproperlyConfigured(f"HITL_WORKFLOWS: '{entry}' is not a Workflow")
    yield definition


def _in_module(module: ModuleType) -> Iterator[Definition]:
    return (value for value in vars(module).values() if isinstance(value, Definition))
