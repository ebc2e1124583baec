"""The Django app of the inbox: what people keep of it, and the words by which items are found."""

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy as _


class InboxConfig(AppConfig):
    """Saved views, preferences, and the search index."""

    name = "hitl_portal.inbox"
    label = "inbox"
    verbose_name = _("Inbox")

    def ready(self) -> None:
        from hitl_portal import zones
        from hitl_portal.inbox import indexing

        user_logged_in.connect(zones.remember_at_sign_in, dispatch_uid="zones")

        # Not in a migration: one of `workflows` that builds the table of requirements anew on SQLite takes the
        # triggers away, today's and every later one.
        # Those that it does not take away, because they belong to another table, would stop it.
        pre_migrate.connect(indexing.stand_aside, sender=self)
        post_migrate.connect(indexing.keep_installed, sender=self)
