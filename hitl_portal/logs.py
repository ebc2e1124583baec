"""Logs: addresses that are keys stand in no line: those of answer links, and those by which people sign in once
or choose a new password."""

import logging
import re

KEYS = re.compile(
    r"(?P<before>/(?:answer|accounts/link|accounts/password/new)/)[^\s/?#\"']+(?:/(?!done|undo|sign-out|preview|asked|values)[^\s/?#\"']+)?"
)


class KeysHidden(logging.Filter):
    """Puts `…` in the place of what opens something; everything else of the line stays."""

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        hidden = KEYS.sub(r"\g<before>…", said)
        if hidden != said:
            record.msg, record.args = hidden, None
        return True
