"""The Django app of the run pages: the words by which runs are found."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy as _


class RunsConfig(AppConfig):
    """The search index of runs."""

    name = "hitl_portal.runs"
    label = "runs"
    verbose_name = _("Runs")

    def ready(self) -> None:
        from hitl_portal.runs import indexing

        # Not in a migration: one of `workflows` that builds the table of runs anew on SQLite takes triggers away.
        pre_migrate.connect(indexing.stand_aside, sender=self)
        post_migrate.connect(indexing.keep_installed, sender=self)
