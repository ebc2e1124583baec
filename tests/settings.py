"""The product's settings on the database of the test run; passwords hash quickly, which no test is about."""

from tests import databases

databases.choose()

from hitl_portal.settings import *  # noqa: E402, F403
from hitl_portal.settings import DATABASES  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

if not databases.IS_POSTGRES:
    # A file, as in production: races between threads and processes do not show in memory.
    DATABASES["default"]["TEST"] = {"NAME": str(databases.directory() / "test.sqlite3")}

# What is decided takes effect at once: the tests of holds ask for one.
HITL_HOLD_SECONDS = 0
