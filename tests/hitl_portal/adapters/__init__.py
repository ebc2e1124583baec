"""The adapters, without the frameworks: those are in tests/adapters."""
