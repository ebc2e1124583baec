"""Agents, their tools and their models."""
