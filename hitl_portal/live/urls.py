"""The addresses of live fragments; websockets have theirs in `routing`."""

from django.urls import path

from hitl_portal.live import views

app_name = "live"
urlpatterns = [path("requirements/<uuid:requirement_id>/others/", views.others, name="others")]
