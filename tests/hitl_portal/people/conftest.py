"""Nothing is remembered from one test to the next."""

from collections.abc import Iterator

import pytest
from django.core.cache import caches


@pytest.fixture(autouse=True)
def forgetting() -> Iterator[None]:
    """Forget what was counted."""
    caches["memory"].clear()
    yield
    caches["memory"].clear()
