"""The primitives: one file each, saying how `walk` performs it. Importing this makes all of them known."""

from workflows.engine.primitives import (
    agent,
    condition,
    loop,
    nested,
    outside,
    parallel,
    router,
    step,
    steps,
)

__all__ = ["agent", "condition", "loop", "nested", "outside", "parallel", "router", "step", "steps"]
