"""The addresses of accounts."""

from django.urls import path

from hitl_portal.accounts import views

app_name = "accounts"
urlpatterns = [
    path("sign-in/", views.sign_in, name="sign-in"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("link/<uidb64>/<token>/", views.link, name="link"),
    path("preferences/", views.preferences, name="preferences"),
]
