"""Databases that nobody has used."""

from tests.upgrade.conftest import empty

__all__ = ["empty"]
