"""The addresses of the API, and of the page that describes it."""

from django.urls import URLPattern, path

from hitl_portal.api.api import api
from hitl_portal.api.parsing import guarded
from hitl_portal.api.reference import reference

routes, _, namespace = api.urls
for route in routes:
    assert isinstance(route, URLPattern)
    route.callback = guarded(route.callback)

urlpatterns = [
    path("v1/docs", reference, name="api-reference"),
    path("v1/", (routes, "ninja", namespace)),
]
