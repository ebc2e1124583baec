"""The addresses of the run pages."""

from django.urls import path

from hitl_portal.runs import again, clock, comparing, listing, log, starting, views

app_name = "runs"
urlpatterns = [
    path("", listing.runs, name="list"),
    path("rows/", listing.rows, name="rows"),
    path("compare/", comparing.compare, name="compare"),
    path("new/", starting.new, name="new"),
    path("<uuid:run_id>/", views.detail, name="detail"),
    path("<uuid:run_id>/body/", views.body, name="body"),
    path("<uuid:run_id>/cancel/", views.cancel, name="cancel"),
    path("<uuid:run_id>/events/", log.events, name="events"),
    path("<uuid:run_id>/fork/", again.fork, name="fork"),
    path("<uuid:run_id>/retry/", again.retry, name="retry"),
    path("<uuid:run_id>/time/", clock.time, name="time"),
    path("<uuid:run_id>/repoint/", views.repoint, name="repoint"),
    path("<uuid:run_id>/restart/", views.restart, name="restart"),
    path("<uuid:run_id>/rounds/", views.rounds, name="rounds"),
    path("<uuid:run_id>/speech/", views.speech, name="speech"),
    path("<uuid:run_id>/talk/", views.talk, name="talk"),
    path("<uuid:run_id>/outputs/<uuid:value_id>/", views.output, name="output"),
]
