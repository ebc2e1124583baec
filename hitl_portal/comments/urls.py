"""The addresses of comments."""

from typing import Literal

from django.urls import path, register_converter

from hitl_portal.comments import views
from hitl_portal.comments.subject import Kind


class KindConverter:
    """What is talked about."""

    regex = "requirements|runs"

    def to_python(self, value: str) -> Kind:
        """One of the two."""
        return "runs" if value == "runs" else "requirements"

    def to_url(self, value: Literal["requirements", "runs"]) -> str:
        """As it is."""
        return value


register_converter(KindConverter, "kind")

app_name = "comments"
urlpatterns = [
    path("mentions/", views.mentions, name="mentions"),
    path("mentions/count/", views.count, name="count"),
    path("mentions/read/", views.mark_read, name="read"),
    path("<kind:kind>/<uuid:subject_id>/", views.thread, name="thread"),
    path("<kind:kind>/<uuid:subject_id>/people/", views.people, name="people"),
    path("<uuid:comment_id>/erase/", views.erase, name="erase"),
]
