"""The address of each webhook source, and the pages on which admins look after them."""

from django.urls import path

from hitl_portal.hooks import pages, views

app_name = "hooks"
urlpatterns = [
    path("hooks/<slug:source>", views.receive, name="receive"),
    path("webhooks/", pages.sources, name="sources"),
    path("webhooks/new/", pages.new, name="new"),
    path("webhooks/sources/<slug:source>/", pages.source, name="source"),
    path("webhooks/sources/<slug:source>/change/", pages.change, name="change"),
    path("webhooks/sources/<slug:source>/secrets/", pages.add_secret, name="add-secret"),
    path("webhooks/secrets/<uuid:secret_id>/end/", pages.end_secret, name="end-secret"),
    path("webhooks/deliveries/<uuid:webhook_delivery_id>/", pages.delivery, name="delivery"),
    path("webhooks/deliveries/<uuid:webhook_delivery_id>/replay/", pages.replay, name="replay"),
]
