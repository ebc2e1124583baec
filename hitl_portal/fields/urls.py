"""The address that fields ask while one types."""

from django.urls import path

from hitl_portal.fields import people

app_name = "fields"
urlpatterns = [path("people/", people.suggestions, name="people")]
