"""Workflows are found in the apps' `flows.py` and in HITL_WORKFLOWS, and written where everybody reads them."""

import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from tests import flows
from workflows import Workflow, registry
from workflows.demo.flows import refund
from workflows.models import Workflow as Registration
from workflows.registration import register_plan


@pytest.fixture(autouse=True)
def looked_up_anew(settings: Any) -> Iterator[None]:
    registry.known.cache_clear()
    yield
    registry.known.cache_clear()


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Give an empty module that can be imported as `shop`."""
    module = ModuleType("shop")
    monkeypatch.setitem(sys.modules, "shop", module)
    return module


def test_the_flows_of_installed_apps_are_known() -> None:
    assert {"refund", "release", "article"} <= registry.known().keys()
    assert registry.known()["refund"] is refund


def test_every_workflow_of_a_module_in_the_setting_is_known(settings: Any) -> None:
    settings.HITL_WORKFLOWS = ["tests.flows"]

    assert {"gate", "long", "repeatable"} <= registry.known().keys()


def test_one_workflow_can_be_named_in_the_setting(settings: Any) -> None:
    settings.HITL_WORKFLOWS = ["tests.flows:gate"]

    assert registry.known()["gate"] is flows.gate
    assert "long" not in registry.known()


def test_what_is_named_twice_is_known_once(settings: Any) -> None:
    settings.HITL_WORKFLOWS = ["tests.flows", "tests.flows:gate"]

    assert registry.known()["gate"] is flows.gate


def test_two_workflows_with_one_id_are_refused(settings: Any, shop: ModuleType) -> None:
    shop.mine = Workflow(id="refund", steps=[flows.act])  # type: ignore[attr-defined]
    settings.HITL_WORKFLOWS = ["shop"]

    with pytest.raises(ImproperlyConfigured, match="'refund'"):
        registry.known()


def test_something_else_than_a_workflow_is_refused(settings: Any) -> None:
    settings.HITL_WORKFLOWS = ["tests.flows:act"]

    with pytest.raises(ImproperlyConfigured, match="act' is not a Workflow"):
        registry.known()


@pytest.mark.parametrize("entry", ["nowhere", "nowhere:flow", "tests.flows:nothing"])
def test_what_is_not_there_is_told(settings: Any, entry: str) -> None:
    settings.HITL_WORKFLOWS = [entry]

    with pytest.raises(ImportError):
        registry.known()


@pytest.mark.django_db
def test_registering_writes_what_pages_need() -> None:
    registry.register()

    kept = Registration.objects.get(name="refund")
    assert (kept.title, kept.fingerprint) == ("Refund over a limit", refund.plan.fingerprint)
    assert [place["path"] for place in kept.outline["children"]] == ["check", "pay", "tell customer"]


@pytest.mark.django_db
def test_registering_again_brings_it_up_to_date_and_leaves_the_switch() -> None:
    registry.register()
    Registration.objects.update(title="Old", fingerprint="old", enabled=False)
    registry.register()

    kept = Registration.objects.get(name="refund")
    assert (kept.title, kept.fingerprint) == ("Refund over a limit", refund.plan.fingerprint)
    assert not kept.enabled


@pytest.mark.django_db
def test_what_is_not_known_here_stays_registered() -> None:
    register_plan(flows.gate.plan)
    registry.register()

    assert Registration.objects.filter(name="gate").exists()
