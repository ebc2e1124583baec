"""Rights: to whom Django admin is open, and what nobody can do there."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import BaseInlineFormSet
from django.http import HttpRequest

from workflows import policy

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
    TabularInline = admin.TabularInline[Any, Any]
    InlineFormSet = BaseInlineFormSet[Any, Any, Any]
else:
    ModelAdmin, TabularInline, InlineFormSet = admin.ModelAdmin, admin.TabularInline, BaseInlineFormSet

MOST_INLINE = 50


def never(*_: Any, **__: Any) -> bool:
    """For what nobody has permission to do, superusers included."""
    return False


def administrates(request: HttpRequest) -> bool:
    """Whether the group admins is somebody's; asked dozens of times for a page, it costs one query."""
    asked: Any = request
    if not hasattr(asked, "administrates"):
        asked.administrates = policy.is_admin(asked.user)
    return bool(asked.administrates)


class ForAdmins(ModelAdmin):
    """Open to staff in the group admins, as to whom Django's own permissions name."""

    show_full_result_count = False
    list_per_page = 50

    def has_module_permission(self, request: HttpRequest) -> bool:
        return administrates(request) or super().has_module_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return administrates(request) or super().has_view_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return administrates(request) or super().has_change_permission(request, obj)


class ReadOnly(ForAdmins):
    """To look at: nothing can be added, changed or deleted."""

    has_add_permission = has_change_permission = has_delete_permission = never


class FirstRows(InlineFormSet):
    """The first rows only: a run may have thousands."""

    def get_queryset(self) -> QuerySet[Any]:
        if not hasattr(self, "_queryset"):
            self._queryset = super().get_queryset()[:MOST_INLINE]
        return self._queryset


class ReadOnlyInline(TabularInline):
    """Rows of something on its page, each a link to its own."""

    formset = FirstRows
    extra = 0
    can_delete = False
    show_change_link = True
    verbose_name_plural: Any = None
    has_add_permission = has_change_permission = has_delete_permission = never

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return administrates(request) or super().has_view_permission(request, obj)


class OfRun(ReadOnly):
    """What belongs to a run, found through it."""

    list_select_related = ["run__workflow"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        # For the headings of single rows, too.
        return super().get_queryset(request).select_related("run__workflow")
