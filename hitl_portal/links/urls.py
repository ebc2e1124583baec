"""The addresses of answer links: each begins with its token."""

from django.urls import path

from hitl_portal.links import views

app_name = "links"
urlpatterns = [
    path("<token>/", views.link, name="link"),
    path("<token>/done/", views.done, name="done"),
    path("<token>/undo/", views.undo, name="undo"),
    path("<token>/sign-out/", views.sign_out, name="sign-out"),
    path("<token>/preview/", views.preview, name="preview"),
    path("<token>/asked/", views.asked, name="asked"),
    path("<token>/values/<uuid:value_id>/", views.whole, name="whole"),
    path("<token>/values/<uuid:value_id>/data/", views.data, name="data"),
    path("<token>/values/<uuid:value_id>/media/<int:number>/", views.media, name="media"),
]
