"""Agents: models with tools and a goal, which pause at the tool call until people have decided."""
