"""Cards in Django admin: to look at, when something does not arrive."""

from django.contrib import admin

from hitl_portal.slack.models import Card
from workflows.admin import ReadOnly


@admin.register(Card)
class CardAdmin(ReadOnly):
    """Nobody makes, changes or deletes them by hand."""

    list_display = ["created_at", "requirement", "room", "status", "failures", "next_try_at", "problem"]
    list_filter = ["status"]
    list_select_related = ["requirement"]
    search_fields = ["room", "problem"]
