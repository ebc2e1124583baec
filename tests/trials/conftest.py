"""Databases that nobody has used; and the trials first, as they wait for processes while other tests can be run."""

from pathlib import Path

import pytest

from tests.upgrade.conftest import empty

__all__ = ["empty"]

HERE = Path(__file__).parent


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """After they were shuffled."""
    items.sort(key=lambda item: item.path.parent != HERE)
