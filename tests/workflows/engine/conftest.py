"""Hypothesis here: no deadlines, which a busy machine would miss, and nothing kept between runs."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "engine", deadline=None, database=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("engine")
