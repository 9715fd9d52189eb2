"""The laws, over many stories (tests/laws/machine.py says what happens in them)."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings

from tests.laws.machine import Laws

SIZES = {
    "": (60, 25),
    "hunt": (int(os.environ.get("HUNT", "60")), int(os.environ.get("STEPS", "12"))),
    "long": (3000, 50),
}
EXAMPLES, STEPS = SIZES[os.environ.get("LAWS", "")]

TestLaws = Laws.TestCase
TestLaws.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=STEPS,
    deadline=None,
    derandomize="LAWS" not in os.environ,
    print_blob=True,
    report_multiple_bugs=False,
    phases=[Phase.generate] if os.environ.get("LAWS") == "hunt" else list(Phase),
    suppress_health_check=list(HealthCheck),
)
