"""The values that authors and the engine exchange."""
