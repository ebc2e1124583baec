"""`manage.py reseal`: moves every secret in the database under the key that seals now."""

from typing import Any

from django.core.management.base import BaseCommand

from hitl_portal.resealing import reseal


class Command(BaseCommand):
    """Ends with 1 where something could not be read: the key that sealed it is missing."""

    help = (
        "Seal everything anew with the first of HITL_SECRET_KEYS; after that, older keys can be taken away."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Reseal, and say what came of it."""
        found = reseal()
        self.stdout.write(f"{found.moved} sealed anew, {found.current} had the key of now already.")
        for name in found.unreadable:
            self.stderr.write(f"UNREADABLE: {name}: no key that is set opens it")
        if found.unreadable:
            raise SystemExit(1)
