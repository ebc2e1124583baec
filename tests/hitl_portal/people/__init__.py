"""Absences and coverage."""
