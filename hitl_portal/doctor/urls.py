"""The addresses of the doctor."""

from django.urls import path

from hitl_portal.doctor import seeing, views

app_name = "doctor"
urlpatterns = [
    path("", views.doctor, name="page"),
    path("seen/<str:token>/", seeing.seen, name="seen"),
]
