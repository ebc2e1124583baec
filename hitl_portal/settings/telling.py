"""Where messages go: webhooks, mail, Slack, other services; docs/notifications.md and docs/events.md tell of them."""

from hitl_portal.mail_url import MailServer
from hitl_portal.settings.environment import PUBLIC, names, text

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
