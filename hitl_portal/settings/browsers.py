"""What browsers are told: cookies, and the headers that say what they must not do."""

from csp.constants import NONCE, NONE, SELF

from hitl_portal.settings.environment import COOKIE_PATH, IS_HTTPS, PUBLIC, number, switch

# Names of our own, because browsers share the cookies of one host between its ports.
# With https, browsers take them from this host alone, and let nothing below it or without encryption set them.
COOKIE_PREFIX = ("__Secure-" if PUBLIC.path else "__Host-") if IS_HTTPS else ""
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}hitl_session"
# How long, in seconds, somebody stays signed in without doing anything, and at all.
HITL_SESSION_IDLE_SECONDS = number("HITL_SESSION_IDLE_SECONDS", 8 * 60 * 60)
HITL_SESSION_SECONDS = number("HITL_SESSION_SECONDS", 7 * 24 * 60 * 60)
SESSION_COOKIE_AGE = min(HITL_SESSION_IDLE_SECONDS, HITL_SESSION_SECONDS)
SESSION_COOKIE_PATH = COOKIE_PATH
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = IS_HTTPS
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}hitl_csrf"
CSRF_COOKIE_PATH = COOKIE_PATH
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = IS_HTTPS

X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
# A host that is the portal's alone is told so for the names below it as well.
SECURE_HSTS_INCLUDE_SUBDOMAINS = switch("HITL_HSTS_SUBDOMAINS", default=not PUBLIC.path)
# Only behind a proxy that sets (and never passes on) this header.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if switch("HITL_BEHIND_PROXY") else None

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    },
}
