"""The address of each webhook source."""

from django.urls import path

from hitl_portal.hooks import views

app_name = "hooks"
urlpatterns = [path("<slug:source>", views.receive, name="receive")]
