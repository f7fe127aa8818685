"""Read by the Odoo shell: measures the letters and prints the figures."""

import json
import os
import sys

from tests.benchmarks import _letters_measured

found = _letters_measured.measure(
    env,  # noqa: F821
    int(os.environ["BENCH_COUNT"]),
)
sys.stdout.write(f"ANSWER {json.dumps(found)}\n")
