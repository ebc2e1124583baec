"""The addresses of the inbox."""

from django.urls import path

from hitl_portal.inbox import keeping, previewing, sharing, signing, together, views

app_name = "inbox"
urlpatterns = [
    path("", views.inbox, name="list"),
    path("inbox/rows/", views.rows, name="rows"),
    path("inbox/bulk/", together.bulk, name="bulk"),
    path("inbox/filters/", keeping.filters, name="filters"),
    path("inbox/keys/", keeping.keys, name="keys"),
    path("inbox/preferences/", keeping.preferences, name="preferences"),
    path("inbox/views/", keeping.views, name="views"),
    path("inbox/views/<uuid:view_id>/forget/", keeping.forget_view, name="forget-view"),
    path("requirements/<uuid:requirement_id>/", views.detail, name="detail"),
    path("requirements/<uuid:requirement_id>/card/", views.card, name="card"),
    path("requirements/<uuid:requirement_id>/standing/", views.standing, name="standing"),
    path("requirements/<uuid:requirement_id>/decide/", views.decide, name="decide"),
    path("requirements/<uuid:requirement_id>/offer/", signing.offer, name="offer"),
    path("requirements/<uuid:requirement_id>/preview/", previewing.preview, name="preview"),
    path("requirements/<uuid:requirement_id>/edited/", previewing.edited, name="edited"),
    path("requirements/<uuid:requirement_id>/claim/", sharing.claim, name="claim"),
    path("requirements/<uuid:requirement_id>/unclaim/", sharing.unclaim, name="unclaim"),
    path("requirements/<uuid:requirement_id>/assign/", sharing.assign, name="assign"),
    path("requirements/<uuid:requirement_id>/snooze/", sharing.snooze, name="snooze"),
    path("decisions/<uuid:decision_id>/undo/", sharing.undo, name="undo"),
]
