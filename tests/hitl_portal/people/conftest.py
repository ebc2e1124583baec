"""Nothing is remembered from one test to the next."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def forgetting() -> Iterator[None]:
    """Forget what was counted."""
    cache.clear()
    yield
    cache.clear()
