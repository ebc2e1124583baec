"""The addresses of notifications."""

from django.urls import path

from hitl_portal.notifications import adding, choosing, views

app_name = "notifications"
urlpatterns = [
    path("", views.listed, name="list"),
    path("bell/", views.bell, name="bell"),
    path("read/", views.mark_read, name="read"),
    path("settings/", choosing.choose, name="settings"),
    path("browser/", adding.browser, name="browser"),
    path("services/", adding.service, name="service"),
    path("sent/", choosing.sent, name="sent"),
    path("try/<slug:channel>/", choosing.try_out, name="try"),
    path("addresses/<uuid:address_id>/try/", choosing.try_address, name="try_address"),
    path("addresses/<uuid:address_id>/remove/", choosing.remove, name="remove"),
]
