"""Registry: the workflows that this process knows, found in the `flows.py` of installed apps and in HITL_WORKFLOWS.

An entry of the setting is a module (`shop.approvals`: every Workflow in it) or one object (`shop.approvals:refund`).
Modules of users' own are never named `workflows`, which is this package.
"""

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from types import ModuleType

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string, module_has_submodule

from workflows.models import Workflow as Registration
from workflows.registration import register_plan
from workflows.workflow import Workflow


@cache
def known() -> dict[str, Workflow]:
    """Every workflow that this process has the code of, by id. ImproperlyConfigured when two share one."""
    found: dict[str, Workflow] = {}
    for workflow in _found():
        other = found.setdefault(workflow.id, workflow)
        if other is not workflow:
            raise ImproperlyConfigured(f"Two workflows have the id '{workflow.id}'")
    return found


def register() -> list[Registration]:
    """Write what this process knows into the table that everybody reads, and return those rows."""
    return [register_plan(workflow.plan) for workflow in known().values()]


def _found() -> Iterator[Workflow]:
    for config in apps.get_app_configs():
        if config.module is not None and module_has_submodule(config.module, "flows"):
            yield from _in_module(import_module(f"{config.name}.flows"))
    for entry in settings.HITL_WORKFLOWS:
        yield from _at(entry)


def _at(entry: str) -> Iterator[Workflow]:
    module, _, name = entry.partition(":")
    if not name:
        yield from _in_module(import_module(module))
        return
    workflow = import_string(f"{module}.{name}")
    if not isinstance(workflow, Workflow):
        raise ImproperlyConfigured(f"HITL_WORKFLOWS: '{entry}' is not a Workflow")
    yield workflow


def _in_module(module: ModuleType) -> Iterator[Workflow]:
    return (value for value in vars(module).values() if isinstance(value, Workflow))
