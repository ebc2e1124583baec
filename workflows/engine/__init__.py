"""The engine: pure Python, no Django. README.md beside this file is its theory of operation."""
