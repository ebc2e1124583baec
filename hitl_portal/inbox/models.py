"""What the inbox keeps: views that people have saved, how each of them works, words to search in."""

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from workflows.ids import new_id
from workflows.models import Requirement

if TYPE_CHECKING:
    from django.contrib.auth.models import User

LONGEST_QUERY = 1000
LONGEST_NAME = 60


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    """The named queries of saved views."""

    def offered_to(self, person: "User") -> "SavedViewQuerySet":
        """One's own first, then what others share, with its owner."""
        offered = self.filter(Q(owner=person.pk) | Q(is_shared=True)).select_related("owner")
        own = models.Case(models.When(owner=person.pk, then=0), default=1)
        return offered.order_by(own, "name", "id")


class SavedView(models.Model):
    """A name for a selection of the inbox: the query of its address. What a shared one shows, depends on who looks."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views")
    name = models.CharField(_("name"), max_length=LONGEST_NAME)
    query = models.CharField(max_length=LONGEST_QUERY, blank=True)
    is_shared = models.BooleanField(_("shared"), default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["name", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["owner", "name"], name="one_view_of_a_name_per_person"),
        ]

    def __str__(self) -> str:
        return self.name


class Preferences(models.Model):
    """How one person works: their keys, whether the next item opens by itself, their time zone. No row: as it comes.

    `keys` holds what differs from the defaults: the key by what it does (see `keys.ACTIONS`). An empty `time_zone` is
    the device's.
    """

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="inbox_preferences"
    )
    keys_on = models.BooleanField(default=True)
    keys = models.JSONField(default=dict, blank=True)
    advance = models.BooleanField(default=False)
    time_zone = models.CharField(max_length=LONGEST_NAME, blank=True)

    class Meta:
        verbose_name_plural = _("preferences")

    def __str__(self) -> str:
        return f"of {self.person_id}"

    @classmethod
    def of(cls, person: "User") -> "Preferences":
        """A person's, not saved where they never changed anything; one query."""
        return cls.objects.filter(person=person.pk).first() or cls(person=person)


class SearchText(models.Model):
    """The words of one requirement, written by database triggers alone (see `indexing`): derived, never the truth."""

    requirement = models.OneToOneField(Requirement, on_delete=models.CASCADE, related_name="search_text")
    text = models.TextField()

    def __str__(self) -> str:
        return self.text[:80]
