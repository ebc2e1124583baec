"""The runs pages."""
