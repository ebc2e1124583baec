"""Databases that nobody has used; and first what takes long, or one process would end up doing that alone."""

from pathlib import Path

import pytest

from tests.upgrade.conftest import empty

__all__ = ["empty"]

TESTS = Path(__file__).parents[1]
LONGEST = tuple(
    str(TESTS / name)
    for name in (
        "trials/",
        "workflows/transports/",
        "workflows/test_worker.py",
        "hitl_portal/test_up.py",
        "hitl_portal/test_headers.py",
        "agreement/",
    )
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """After they were shuffled."""
    items.sort(key=lambda item: not str(item.path).startswith(LONGEST))
