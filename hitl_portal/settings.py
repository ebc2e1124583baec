"""The settings: everything works with nothing set; a deployment changes it by its environment."""

import os
import tempfile
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from csp.constants import NONCE, NONE, SELF
from django.core.management.utils import get_random_secret_key

from hitl_portal.mail_url import MailServer
from workflows.databases import database


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def number(name: str, default: int) -> int:
    return int(text(name, str(default)))


def switch(name: str, default: bool = False) -> bool:
    return text(name, str(default)).lower() in {"1", "true", "yes", "on"}


def names(name: str, default: str = "") -> list[str]:
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def kept_secret(path: Path) -> str:
    """Return the secret kept in the file, making it first; processes that start together agree on one."""
    if not path.exists():
        # mkstemp makes the file readable by its owner alone; the link is refused where another was faster.
        descriptor, draft = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(descriptor, "w") as file:
            file.write(get_random_secret_key())
        with suppress(FileExistsError):
            os.link(draft, path)
        Path(draft).unlink()
    return path.read_text().strip()


BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(text("HITL_DATA_DIR", str(BASE_DIR / "var"))).resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True)

DEBUG = switch("HITL_DEBUG")
SECRET_KEY = text("SECRET_KEY") or kept_secret(DATA_DIR / "secret.key")
SECRET_KEY_FALLBACKS = names("SECRET_KEY_FALLBACKS")
# What seals secrets in the database, `id:secret` each: the first one seals, all of them open, and so does SECRET_KEY.
HITL_SECRET_KEYS = names("HITL_SECRET_KEYS")

HITL_PUBLIC_URL = text("HITL_PUBLIC_URL", "http://localhost:8000").rstrip("/")
PUBLIC = urlsplit(HITL_PUBLIC_URL)
IS_HTTPS = PUBLIC.scheme == "https"
# Where the portal shares its host with others (https://example.org/approvals): what all its addresses begin with.
FORCE_SCRIPT_NAME = PUBLIC.path or None
COOKIE_PATH = PUBLIC.path or "/"

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

# Demo workflows and people, so that a fresh checkout has something to show; off for a real installation.
HITL_DEMO = switch("HITL_DEMO", default=True)
if HITL_DEMO:
    INSTALLED_APPS.insert(1, "workflows.demo")

# How workers hear that a run is due: database, procrastinate (PostgreSQL), celery (HITL_BROKER_URL: Redis, RabbitMQ),
# tasks (Django's). The table of runs is the queue on each; a sweep, to which HITL_SWEEPERS adds, finds what is lost.
HITL_TRANSPORT = text("HITL_TRANSPORT", "database")
HITL_BROKER_URL = text("HITL_BROKER_URL", "redis://localhost:6379/0")
HITL_SWEEPERS = [
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

# Where webhooks may go besides what everybody on the internet could reach by https: hosts or networks
# (intranet.example, 10.1.0.0/16), hosts or host:port that may be reached without encryption, further ports for https.
HITL_OUTBOUND_ALLOW = names("HITL_OUTBOUND_ALLOW")
HITL_OUTBOUND_HTTP = names("HITL_OUTBOUND_HTTP")
HITL_OUTBOUND_PORTS = names("HITL_OUTBOUND_PORTS", "443")

# The ways on which people are told what concerns them, besides the page itself; one class each.
HITL_CHANNELS = [
    "hitl_portal.notifications.mail.Mail",
    "hitl_portal.notifications.push.Push",
    "hitl_portal.notifications.services.Services",
    "hitl_portal.slack.channel.Slack",
    *names("HITL_CHANNELS"),
]
# An app of Slack: its bot token, the secrets that it signs with (several while one is replaced), and the rooms that are
# told: C0123456789 for all workflows, refund:C0123456789 for one.
HITL_SLACK_TOKEN = text("HITL_SLACK_TOKEN")
HITL_SLACK_SIGNING_SECRETS = names("HITL_SLACK_SIGNING_SECRET")
HITL_SLACK_ROOMS = names("HITL_SLACK_ROOMS")
HITL_SLACK_URL = text("HITL_SLACK_URL", "https://slack.com/api/")
# Which services people may name addresses of, by the schemes of apprise; none that reads files, runs programs or speaks
# without encryption. Where they name a host, it is reached by the rules of webhooks above.
HITL_APPRISE_SCHEMES = names(
    "HITL_APPRISE_SCHEMES",
    "slack,workflows,discord,tgram,gchat,webex,wxteams,zulip,twist,ntfy,ntfys,gotifys,mmosts,rockets,nctalks,pover,pbul",
)
# Without a mail server no mail is sent at all: smtp+tls://user:password@host:587, smtps://host, smtp://localhost.
MAIL_SERVER = MailServer.of(text("HITL_EMAIL_URL"))
HITL_EMAIL_FROM = text("HITL_EMAIL_FROM", f"HITL Portal <hitl-portal@{PUBLIC.hostname}>")
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if MAIL_SERVER.host else 'dummy'}.EmailBackend"
EMAIL_HOST, EMAIL_PORT = MAIL_SERVER.host, MAIL_SERVER.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = MAIL_SERVER.user, MAIL_SERVER.password
EMAIL_USE_TLS, EMAIL_USE_SSL = MAIL_SERVER.starttls, MAIL_SERVER.tls
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = SERVER_EMAIL = HITL_EMAIL_FROM
# How much messages say that leave the portal: title (the question's first line), names, or nothing. Less for single
# workflows is said in Django admin.
HITL_NOTIFY_DETAIL = text("HITL_NOTIFY_DETAIL", "title")

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
    "hitl_portal.middleware.one_thread_hop",
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

LOGIN_URL = "accounts:sign-in"
LOGIN_REDIRECT_URL = "inbox:list"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
AUTH_PASSWORD_VALIDATORS[1]["OPTIONS"] = {"min_length": 12}

# Accounts are made by admins: nobody signs up, and whoever signs in is somebody's entry in Django admin.
ACCOUNT_ADAPTER = "hitl_portal.accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    name: f"hitl_portal.accounts.forms.{form}"
    for name, form in {
        "login": "SignInForm",
        "reauthenticate": "PasswordAgainForm",
        "change_password": "NewPasswordForm",
        "set_password": "FirstPasswordForm",
        "reset_password": "ForgottenForm",
        "reset_password_from_key": "PasswordByMailForm",
    }.items()
}
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"  # noqa: S105
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_RATE_LIMITS = {
    # Of failures: per address, and per name for browsers in which that person has never signed in (see `known`).
    "login_failed": "10/m/ip,5/5m/key,50/d/key",
    "reset_password": "20/h/ip,5/h/key",
}

MFA_ADAPTER = "hitl_portal.accounts.factors.FactorAdapter"
MFA_FORMS = {
    name: f"hitl_portal.accounts.forms.{form}"
    for name, form in {
        "authenticate": "CodeForm",
        "reauthenticate": "CodeAgainForm",
        "activate_totp": "AppForm",
        "add_webauthn": "PasskeyForm",
        "edit_webauthn": "PasskeyNameForm",
    }.items()
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_TOLERANCE = 1
# Addresses are entered by admins, in one's account and nowhere else: none waits to be verified.
MFA_ALLOW_UNVERIFIED_EMAIL = True

# Single sign-on by OpenID Connect, where an issuer is named. Who it names is found by an e-mail address that it has
# verified; with HITL_OIDC_CREATE somebody who is not found gets an account. Groups that its claim names are taken over.
HITL_OIDC_ISSUER = text("HITL_OIDC_ISSUER").rstrip("/")
HITL_OIDC_NAME = text("HITL_OIDC_NAME", "single sign-on")
HITL_OIDC_CREATE = switch("HITL_OIDC_CREATE")
HITL_OIDC_GROUPS_CLAIM = text("HITL_OIDC_GROUPS_CLAIM")
# In addresses; and by what people are kept as known: another issuer's names are other people's.
OIDC_ID = "sso"
OIDC_PROVIDER_ID = f"{OIDC_ID}-{sha256(HITL_OIDC_ISSUER.encode()).hexdigest()[:8]}"
SOCIALACCOUNT_ADAPTER = "hitl_portal.accounts.single_sign_on.SingleSignOnAdapter"
SOCIALACCOUNT_LOGIN_ON_GET = True
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": OIDC_PROVIDER_ID,
                "name": HITL_OIDC_NAME,
                "client_id": text("HITL_OIDC_CLIENT_ID"),
                "secret": text("HITL_OIDC_CLIENT_SECRET"),
                "settings": {"server_url": HITL_OIDC_ISSUER},
            }
        ]
        if HITL_OIDC_ISSUER
        else [],
    }
}

# A yes to something of a high risk needs a second factor, shown within so many seconds; not where people try it out.
HITL_HIGH_RISK_FACTOR = switch("HITL_HIGH_RISK_FACTOR", default=IS_HTTPS and not HITL_DEMO)
HITL_FRESH_SECONDS = number("HITL_FRESH_SECONDS", 5 * 60)
ACCOUNT_REAUTHENTICATION_TIMEOUT = HITL_FRESH_SECONDS

# Behind proxies the address of who calls is this many places from the end of X-Forwarded-For.
ALLAUTH_TRUSTED_PROXY_COUNT = number("HITL_PROXIES", int(switch("HITL_BEHIND_PROXY")))

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
