"""The addresses of accounts; `allauth_urls` has those of allauth's views."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from hitl_portal.accounts import confirming, sessions, views


class Base36(StringConverter):
    """A number as allauth writes it in the links of its mails."""

    regex = "[0-9A-Za-z]+"


register_converter(Base36, "base36")

app_name = "accounts"
urlpatterns = [
    path("sign-in/", views.sign_in, name="sign-in"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("link/<uidb64>/<token>/", views.link, name="link"),
    path("preferences/", views.preferences, name="preferences"),
    path("confirm/", confirming.confirm, name="confirm"),
    path("confirm/done/", confirming.confirmed, name="confirmed"),
    path("sessions/", sessions.listed, name="sessions"),
    path("sessions/end/", sessions.end_others, name="end-other-sessions"),
    path("sessions/<int:session_number>/end/", sessions.end, name="end-session"),
]
