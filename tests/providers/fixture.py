"""The provider on loopback as a fixture: `from tests.providers.fixture import provider` in a conftest."""

from collections.abc import Iterator

import pytest

from tests.providers.server import Provider


@pytest.fixture
def provider() -> Iterator[Provider]:
    """Give a provider on a free port."""
    with Provider() as provider:
        yield provider
