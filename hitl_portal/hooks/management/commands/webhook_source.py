"""`manage.py webhook_source NAME WORKFLOW`: makes a webhook source, or gives it a new secret, shown this once."""

import sys
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from hitl_portal.addresses import public
from hitl_portal.hooks.models import Signs, WebhookSource
from workflows.management.options import LONGEST_DAYS, between
from workflows.models import Workflow


class Command(BaseCommand):
    """Prints the address to post to, and the secret to sign with."""

    help = "Make a webhook source for a workflow, or give it a new secret; the secret is printed this once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="the last part of its address")
        parser.add_argument("workflow", help="the workflow that its posts start")
        parser.add_argument("--signs", choices=Signs.values, help="whose form of signature; standard")
        parser.add_argument(
            "--secret-from-stdin", action="store_true", help="keep the secret that the other side has shown"
        )
        parser.add_argument(
            "--old-for-hours",
            type=between(0.0, 24.0 * LONGEST_DAYS),
            default=0,
            help="how long the secrets of before still sign; 0",
        )

    def handle(self, *args: Any, name: str, workflow: str, **options: Any) -> None:
        source = WebhookSource.objects.filter(name=name).first() or WebhookSource(name=name)
        source.workflow = _workflow(workflow)
        source.signs = options["signs"] or source.signs
        given = sys.stdin.readline().strip() if options["secret_from_stdin"] else ""
        if not given and source.scheme.new_secret is None:
            raise CommandError(
                f"{source.get_signs_display()} gives its secrets itself: use --secret-from-stdin"
            )
        _save(source)
        end = timezone.now() + timedelta(hours=options["old_for_hours"])
        secret = source.add_secret(given, others_end=end)
        self.stdout.write(f"address  {public('hooks:receive', name)}")
        if not given:
            self.stdout.write(f"secret   {secret}")


def _save(source: WebhookSource) -> None:
    try:
        source.full_clean()
    except ValidationError as wrong:
        raise CommandError("; ".join(wrong.messages)) from None
    source.save()


def _workflow(name: str) -> Workflow:
    workflow = Workflow.objects.filter(name=name).first()
    if workflow is None:
        known = ", ".join(Workflow.objects.values_list("name", flat=True)) or "none"
        raise CommandError(f"No workflow is named '{name}'; registered: {known}")
    return workflow
