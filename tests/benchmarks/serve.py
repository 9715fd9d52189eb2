"""Serve both sandboxes with N agreeing pairs in a process of their own, until standard input closes.

Usage: python -m tests.benchmarks.serve PAIRS FOLDER. Writes the settings and the mapping files into FOLDER; a line
"change PERCENT" on standard input moves that share of due dates in aXcelerate and answers "changed N".
"""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from pathlib import Path

from connector.sandbox.generate import make_agreeing_world, world_mappings
from connector.sandbox.people import World
from connector.sandbox.run import Sandboxes, run_sandboxes


def main(pairs: int, folder: Path) -> None:
    world = make_agreeing_world(pairs=pairs)
    mappings = folder / "mappings"
    mappings.mkdir(parents=True, exist_ok=True)
    for name, text in world_mappings(world, scope="classes").items():
        (mappings / name).write_text(text)
    with run_sandboxes(world) as boxes:
        (folder / "settings.json").write_text(json.dumps(boxes.environment()))
        print("ready", flush=True)
        for line in sys.stdin:
            words = line.split()
            if words[:1] == ["change"]:
                print("changed", change(boxes, world, float(words[1])), flush=True)


def change(boxes: Sandboxes, world: World, percent: float) -> int:
    """Move the end date of this share of unit enrolments by a week, spread evenly over the account."""
    units = [(row.contact_id, row.class_id, unit) for row in world.class_enrolments for unit in row.units]
    step = max(1, round(100 / percent))
    for contact, class_id, unit in units[::step]:
        end = unit.end + timedelta(days=7)
        boxes.axcelerate.person.set_unit(contact_id=contact, class_id=class_id, code=unit.code, end=end)
    return len(units[::step])


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
