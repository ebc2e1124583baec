"""What the tests of services, store and workers share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.workflows.hiring import Hire, hiring
from workflows.audit.verifying import Whole, verify


@pytest.fixture
def hire(process_environment: dict[str, str], tmp_path: Path) -> Iterator[Hire]:
    """Give what starts workers of `tests.flows`, whose leases are short."""
    environment = process_environment | {"HITL_WORKFLOWS": "tests.flows", "HITL_LEASE_SECONDS": "1"}
    with hiring(environment, tmp_path / "log") as start:
        yield start


@pytest.fixture
def whole_chain(transactional_db: None) -> Iterator[None]:
    """Check after the test that what it has left in the log can be proven."""
    yield
    verify(Whole())
