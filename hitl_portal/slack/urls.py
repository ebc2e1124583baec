"""The address that Slack posts to."""

from django.urls import path

from hitl_portal.slack import actions

app_name = "slack"
urlpatterns = [path("actions", actions.receive, name="actions")]
