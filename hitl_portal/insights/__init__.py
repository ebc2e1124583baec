"""Insights: how much waits, how it was decided and how long that took, as charts, tables and CSV."""
