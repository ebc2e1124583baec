"""How often each race is run: a few times among the tests, `TRIALS` times in the long form."""

import os

ROUNDS = int(os.environ.get("TRIALS", "20"))
