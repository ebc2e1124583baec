"""`manage.py webhook_source NAME WORKFLOW`: makes a webhook source, or gives it a new secret, shown this once."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from hitl_portal.addresses import public
from hitl_portal.hooks.models import WebhookSource
from workflows.models import Workflow


class Command(BaseCommand):
    """Prints the address to post to, and the secret to sign with."""

    help = "Make a webhook source for a workflow, or give it a new secret; the secret is printed this once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="the last part of its address")
        parser.add_argument("workflow", help="the workflow that its posts start")

    def handle(self, *args: Any, name: str, workflow: str, **options: Any) -> None:
        source = WebhookSource.objects.filter(name=name).first() or WebhookSource(name=name)
        source.workflow = _workflow(workflow)
        secret = source.renew_secret()
        try:
            source.full_clean()
        except ValidationError as wrong:
            raise CommandError("; ".join(wrong.messages)) from None
        source.save()
        self.stdout.write(f"address  {public('hooks:receive', name)}")
        self.stdout.write(f"secret   {secret}")


def _workflow(name: str) -> Workflow:
    workflow = Workflow.objects.filter(name=name).first()
    if workflow is None:
        known = ", ".join(Workflow.objects.values_list("name", flat=True)) or "none"
        raise CommandError(f"No workflow is named '{name}'; registered: {known}")
    return workflow
