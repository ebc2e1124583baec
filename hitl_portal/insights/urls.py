"""The addresses of the insights."""

from django.urls import path

from hitl_portal.insights import views

app_name = "insights"
urlpatterns = [
    path("", views.insights, name="page"),
    path("numbers.csv", views.numbers, name="numbers"),
    path("decisions.csv", views.decisions, name="decisions"),
]
