"""Models against a provider on loopback."""

import pytest

from tests.providers.fixture import provider

__all__ = ["provider"]

VARIABLES = ("OPENAI_API_KEY", "OPENAI_BASE_URL", "ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL")
GOOGLES = ("GOOGLE_API_KEY", "GEMINI_API_KEY", "GOOGLE_GEMINI_BASE_URL")


@pytest.fixture(autouse=True)
def no_keys_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what the environment says of providers out of the tests."""
    for name in VARIABLES + GOOGLES:
        monkeypatch.delenv(name, raising=False)
