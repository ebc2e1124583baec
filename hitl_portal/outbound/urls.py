"""The addresses of the endpoints' pages."""

from django.urls import path

from hitl_portal.outbound import deliveries, endpoints

app_name = "outbound"
urlpatterns = [
    path("", endpoints.listed, name="list"),
    path("new/", endpoints.new, name="new"),
    path("<uuid:endpoint_id>/", endpoints.endpoint, name="endpoint"),
    path("<uuid:endpoint_id>/edit/", endpoints.edit, name="edit"),
    path("<uuid:endpoint_id>/switch/", endpoints.switch, name="switch"),
    path("<uuid:endpoint_id>/secret/", endpoints.renew, name="renew"),
    path("<uuid:endpoint_id>/retire/", endpoints.retire, name="retire"),
    path("<uuid:endpoint_id>/delete/", endpoints.delete, name="delete"),
    path("<uuid:endpoint_id>/ping/", deliveries.ping, name="ping"),
    path("deliveries/<uuid:delivery_id>/", deliveries.delivery, name="delivery"),
    path("deliveries/<uuid:delivery_id>/replay/", deliveries.replay, name="replay"),
]
