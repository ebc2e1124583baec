"""The addresses of the page of API tokens."""

from django.urls import path

from hitl_portal.api import tokens

app_name = "tokens"
urlpatterns = [
    path("", tokens.tokens, name="list"),
    path("<uuid:token_id>/revoke/", tokens.revoke, name="revoke"),
]
