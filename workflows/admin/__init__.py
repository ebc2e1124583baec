"""Django admin: admins see everything, say who decides what, switch workflows on and off, cancel runs, and look after
people and groups; history cannot be rewritten. Importing it registers all of it."""

from workflows.admin import audit, definitions, people, requirements, runs
from workflows.admin.rights import ForAdmins, ReadOnly, administrates

__all__ = ["ForAdmins", "ReadOnly", "administrates", "audit", "definitions", "people", "requirements", "runs"]
