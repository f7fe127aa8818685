"""``python -m tests.scenarios.day``: play the day against a running product."""

import argparse
import sys

from .main import play


def main():
    """Play the day and print its table; the exit status is 1 when a step failed."""
    parser = argparse.ArgumentParser(description="Play one business day of the club.")
    parser.add_argument("--odoo", default="http://localhost:8069")
    parser.add_argument("--db", default="demo")
    parser.add_argument("--sandbox", default="http://127.0.0.1:8079")
    options = parser.parse_args()
    rows = play(options.odoo, options.db, options.sandbox, progress=_say)
    for row in rows:
        mark = "ok  " if row.ok else "FAIL"
        sys.stdout.write(
            f"{mark} {row.step:<14} {row.what:<44} {row.result}  {row.link}\n"
        )
    return 0 if rows and all(row.ok for row in rows) else 1


def _say(sentence):
    sys.stderr.write(f"… {sentence}\n")


if __name__ == "__main__":
    sys.exit(main())
