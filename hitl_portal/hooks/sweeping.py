"""What the workers' sweep does for webhook sources: what was posted for a run goes when the run's contents are erased.

The settings name `sweep` in HITL_SWEEPERS.
"""

from hitl_portal.hooks.log import forget_erased
from hitl_portal.seldom import Seldom

EVERY = 10.0  # seconds: all lines of all logs are looked at

sweep = Seldom(forget_erased, EVERY)
