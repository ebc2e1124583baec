"""Print a one-time link that signs one person in."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from hitl_portal.accounts.links import sign_in_url


class Command(BaseCommand):
    """`manage.py signin_link reviewer`"""

    help = "Print a link that signs this person in once, within 24 hours."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")

    def handle(self, *_args: Any, **options: Any) -> str:
        person = get_user_model().objects.filter(username=options["username"], is_active=True).first()
        if person is None:
            raise CommandError(f"There is no active person named '{options['username']}'")
        return sign_in_url(person)
