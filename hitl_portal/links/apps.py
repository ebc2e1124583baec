"""The Django app of answer links."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LinksConfig(AppConfig):
    """Links by which one person answers one question, once."""

    name = "hitl_portal.links"
    label = "links"
    verbose_name = _("Answer links")
