"""The addresses of the portal: each part brings its own."""

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from hitl_portal import health, metrics
from hitl_portal.accounts.views import admin_door

handler400 = "hitl_portal.pages.unreadable"
handler404 = "hitl_portal.pages.missing"
handler500 = "hitl_portal.pages.broken"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("hitl_portal.inbox.urls")),
    path("", include("hitl_portal.live.urls")),
    path("slack/", include("hitl_portal.slack.urls")),
    path("answer/", include("hitl_portal.links.urls")),
    path("comments/", include("hitl_portal.comments.urls")),
    path("notifications/", include("hitl_portal.notifications.urls")),
    path("", include("hitl_portal.evidence.urls")),
    path("runs/", include("hitl_portal.runs.urls")),
    path("insights/", include("hitl_portal.insights.urls")),
    path("people/", include("hitl_portal.people.urls")),
    path("audit/", include("hitl_portal.audit.urls")),
    path("fields/", include("hitl_portal.fields.urls")),
    path("accounts/", include("hitl_portal.accounts.urls")),
    path("accounts/", include("hitl_portal.accounts.allauth_urls")),
    path("api/", include("hitl_portal.api.urls")),
    path("tokens/", include("hitl_portal.api.token_urls")),
    path("", include("hitl_portal.hooks.urls")),
    path("outbound/", include("hitl_portal.outbound.urls")),
    path("doctor/", include("hitl_portal.doctor.urls")),
    path("admin/login/", admin_door),
    path("admin/", admin.site.urls),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", metrics.metrics),
    # Browsers ask for this where a page names no icon, as Django admin's do not.
    path("favicon.ico", RedirectView.as_view(url=f"{settings.STATIC_URL}favicon.svg")),
]
