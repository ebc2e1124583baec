"""The addresses of the inbox."""

from django.urls import path

from hitl_portal.inbox import views

app_name = "inbox"
urlpatterns = [
    path("", views.inbox, name="list"),
    path("inbox/rows/", views.rows, name="rows"),
    path("requirements/<uuid:requirement_id>/", views.detail, name="detail"),
    path("requirements/<uuid:requirement_id>/card/", views.card, name="card"),
    path("requirements/<uuid:requirement_id>/standing/", views.standing, name="standing"),
    path("requirements/<uuid:requirement_id>/decide/", views.decide, name="decide"),
]
