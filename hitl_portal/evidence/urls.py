"""The addresses of what runs were given and produced."""

from django.urls import path

from hitl_portal.evidence import views

app_name = "evidence"
urlpatterns = [
    path("values/<uuid:value_id>/", views.whole, name="whole"),
    path("values/<uuid:value_id>/data/", views.data, name="data"),
    path("values/<uuid:value_id>/media/<int:number>/", views.media, name="media"),
    path("requirements/<uuid:requirement_id>/asked/", views.asked, name="asked"),
]
