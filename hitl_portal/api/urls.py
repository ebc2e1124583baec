"""The addresses of the API."""

from django.urls import path

from hitl_portal.api.api import api

urlpatterns = [path("v1/", api.urls)]
