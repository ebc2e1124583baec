"""The addresses of the audit page and of receipts."""

from django.urls import path

from hitl_portal.audit import views

app_name = "audit"
urlpatterns = [
    path("", views.audit, name="page"),
    path("verify/", views.verify, name="verify"),
    path("keys.txt", views.keys, name="keys"),
    path("receipts/<uuid:decision_id>.json", views.receipt, name="receipt"),
]
