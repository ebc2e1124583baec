"""The Django app of the comments' pages; the comments themselves belong to `workflows`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommentsConfig(AppConfig):
    """Which mentions somebody has read."""

    name = "hitl_portal.comments"
    label = "comments"
    verbose_name = _("Comments")
