"""The addresses of absences and of the coverage page."""

from django.urls import path

from hitl_portal.people import absences, coverage

app_name = "people"
urlpatterns = [
    path("absences/", absences.own, name="absences"),
    path("absences/of/<str:username>/", absences.of_person, name="absences-of"),
    path("absences/<uuid:delegation_id>/end/", absences.end, name="end-absence"),
    path("coverage/", coverage.coverage, name="coverage"),
    path("coverage/count/", coverage.count, name="coverage-count"),
]
