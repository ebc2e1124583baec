"""The settings: everything works with nothing set; a deployment changes it by its environment."""

from typing import Any
from urllib.parse import quote

from hitl_portal.settings.accounts import *  # noqa: F403  settings, too
from hitl_portal.settings.browsers import *  # noqa: F403  settings, too
from hitl_portal.settings.environment import *  # noqa: F403  settings, too
from hitl_portal.settings.environment import (
    BASE_DIR,
    DATA_DIR,
    HITL_DEMO,
    PUBLIC,
    kept_secret,
    names,
    number,
    switch,
    text,
)
from hitl_portal.settings.telling import *  # noqa: F403  settings, too
from workflows.databases import database

DEBUG = switch("HITL_DEBUG")
SECRET_KEY = text("SECRET_KEY") or kept_secret(DATA_DIR / "secret.key")
SECRET_KEY_FALLBACKS = names("SECRET_KEY_FALLBACKS")
# What seals secrets in the database, `id:secret` each: the first one seals, all of them open, and so does SECRET_KEY.
HITL_SECRET_KEYS = names("HITL_SECRET_KEYS")

# Where the portal shares its host with others (https://example.org/approvals): what all its addresses begin with.
FORCE_SCRIPT_NAME = PUBLIC.path or None

ALLOWED_HOSTS = list(
    dict.fromkeys([*names("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]"), PUBLIC.hostname or "localhost"])
)
CSRF_TRUSTED_ORIGINS = [f"{PUBLIC.scheme}://{PUBLIC.netloc}"]

# Modules that define workflows, besides the `flows.py` of each installed app.
HITL_WORKFLOWS = names("HITL_WORKFLOWS")

INSTALLED_APPS = [
    "workflows",
    "hitl_portal",
    "hitl_portal.api",
    "hitl_portal.hooks",
    "hitl_portal.outbound",
    "hitl_portal.adapters",
    "hitl_portal.inbox",
    "hitl_portal.links",
    "hitl_portal.runs",
    "hitl_portal.live",
    "hitl_portal.comments",
    "hitl_portal.notifications",
    "hitl_portal.slack",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    # After those whose entries in Django admin it replaces.
    "hitl_portal.accounts",
    "channels",
    "csp",
    "django_htmx",
]

if HITL_DEMO:
    INSTALLED_APPS.insert(1, "workflows.demo")

# How workers hear that a run is due: database, procrastinate (PostgreSQL), celery (HITL_BROKER_URL: Redis, RabbitMQ),
# tasks (Django's). The table of runs is the queue on each; a sweep, to which HITL_SWEEPERS adds, finds what is lost.
HITL_TRANSPORT = text("HITL_TRANSPORT", "database")
HITL_BROKER_URL = text("HITL_BROKER_URL", "redis://localhost:6379/0")
HITL_SWEEPERS = [
    "hitl_portal.hooks.sweeping.sweep",
    "hitl_portal.outbound.sweeping.sweep",
    "hitl_portal.notifications.sweeping.sweep",
    "hitl_portal.slack.sweeping.sweep",
    "hitl_portal.links.sweeping.sweep",
    "hitl_portal.adapters.sweeping.sweep",
    "hitl_portal.accounts.sweeping.sweep",
    *names("HITL_SWEEPERS"),
]
# For trials of crashes alone: a function that is told of each point in `workflows.points` and may kill the process.
HITL_POINTS = text("HITL_POINTS")
INSTALLED_APPS += {
    "procrastinate": ["procrastinate.contrib.django"],
    "tasks": ["django_tasks", "django_tasks_db"],
}.get(HITL_TRANSPORT, [])
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

# How long, in seconds, a worker that stopped giving signs of life keeps its runs.
HITL_LEASE_SECONDS = number("HITL_LEASE_SECONDS", 15)

# For how long, in seconds, a decision made in the portal can be undone, where no policy says; three times that where
# what it causes cannot be. How long a claim lasts, and an assignment.
HITL_HOLD_SECONDS = number("HITL_HOLD_SECONDS", 5)
HITL_CLAIM_SECONDS = number("HITL_CLAIM_SECONDS", 15 * 60)
HITL_ASSIGN_SECONDS = number("HITL_ASSIGN_SECONDS", 24 * 60 * 60)

# Whether messages bring links by which a person answers one question without signing in (never one of high risk), and
# for how long, in seconds, each is good.
HITL_ANSWER_LINKS = switch("HITL_ANSWER_LINKS", default=True)
HITL_ANSWER_LINK_SECONDS = number("HITL_ANSWER_LINK_SECONDS", 7 * 24 * 60 * 60)

# The log is sealed so often, where something has happened. Seals and receipts are signed with a key drawn from
# HITL_AUDIT_KEY (any long secret), else from SECRET_KEY; public keys of before are named so that they stay trusted.
HITL_SEAL_SECONDS = number("HITL_SEAL_SECONDS", 60)
HITL_AUDIT_KEY = text("HITL_AUDIT_KEY")
HITL_AUDIT_PUBLIC_KEYS = names("HITL_AUDIT_PUBLIC_KEYS")

# Which answers of people count only with the signature of their passkey: off, high-risk (each yes to one), or all.
HITL_SIGNED_DECISIONS = text("HITL_SIGNED_DECISIONS", "off")

MIDDLEWARE = [
    "hitl_portal.middleware.hardened",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "hitl_portal.middleware.traced",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "hitl_portal.bodies.refusing_what_is_too_long",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "hitl_portal.accounts.limits.within_limits",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "hitl_portal.zones.times_of_the_viewer",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "hitl_portal.urls"
ASGI_APPLICATION = "hitl_portal.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "hitl_portal.context.csp_nonce",
            ],
        },
    },
]

OWN_FILE = f"sqlite:///{quote(str(DATA_DIR / 'portal.sqlite3'))}"
DATABASES = {
    "default": database(
        text("DATABASE_URL", OWN_FILE),
        synchronous=text("HITL_SQLITE_SYNCHRONOUS", "NORMAL"),
        pool=number("HITL_DB_POOL", 16),
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Reaches the sockets of its own process only: what happens elsewhere is read from the event log.
CHANNEL_LAYERS: dict[str, dict[str, Any]] = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
# For very many web processes: with a Redis they wake each other through it, and none holds a connection of its own to
# be told by the database. The event log stays what counts.
HITL_REDIS_URL = text("HITL_REDIS_URL")
if HITL_REDIS_URL:
    CHANNEL_LAYERS["doorbell"] = {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [HITL_REDIS_URL], "prefix": "hitl"},
    }

# What all web processes count together: how often somebody has tried to sign in, and which codes were used. What a
# process remembers for itself is `memory`.
CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "hitl_shared_cache",
        # Nobody floods the counts of others away; the sweep forgets what is over.
        "OPTIONS": {"MAX_ENTRIES": 1_000_000},
    },
    "memory": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
}

# What a person has chosen is kept in their browser; until then, the browser says which of these it prefers.
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LANGUAGE_COOKIE_NAME = "hitl_language"
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_TZ = True
TIME_ZONE = "UTC"

# A fresh checkout serves its files as they lie. After `collectstatic` with HITL_STATIC_MANIFEST=1, hashed and
# compressed copies are served instead, which browsers may keep for ever.
STATIC_MANIFEST = switch("HITL_STATIC_MANIFEST")
STATIC_URL = f"{PUBLIC.path}/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = DATA_DIR / "static" if STATIC_MANIFEST else None
WHITENOISE_USE_FINDERS = not STATIC_MANIFEST
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_ALLOW_ALL_ORIGINS = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if STATIC_MANIFEST
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

# How long the body of a request may be, in bytes: the files of a form, above all. More than that is never read.
HITL_MAX_BODY_BYTES = number("HITL_MAX_BODY_BYTES", 12 * 1024 * 1024)

# How often, in a minute, one API token may start runs and ask people.
HITL_TOKEN_STARTS_PER_MINUTE = number("HITL_TOKEN_STARTS_PER_MINUTE", 300)

# What Prometheus must send as its bearer token to read /metrics; without one there is no such page.
HITL_METRICS_TOKEN = text("HITL_METRICS_TOKEN")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "about": {"()": "workflows.logs.AboutFilter"},
        "keys_hidden": {"()": "hitl_portal.logs.KeysHidden"},
    },
    "formatters": {
        "text": {
            "()": "workflows.logs.TextFormatter",
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        },
        "json": {"()": "workflows.logs.JsonFormatter"},
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "json" if text("HITL_LOG_FORMAT", "text").lower() == "json" else "text",
            "filters": ["about", "keys_hidden"],
        }
    },
    "root": {"handlers": ["stderr"], "level": text("HITL_LOG_LEVEL", "INFO").upper()},
    # Named to take Django's own handlers off: they mail the admins, of whom nobody knows the addresses.
    "loggers": {
        "django": {"level": "INFO"},
        "django.server": {"level": "INFO", "propagate": True},
        "mcp": {"level": "WARNING"},  # two lines for each request that comes in by it
        "httpx": {"level": "WARNING"},  # it writes down each address, and some are keys
        "daphne": {"level": "WARNING"},  # four lines at each start that nobody needs
        "apprise": {"level": "CRITICAL"},  # it tells addresses that are somebody's secrets
        # It writes a traceback a second while Redis is away; the doorbell says it once.
        "channels_redis": {"level": "CRITICAL"},
    },
}
