"""How much a run costs: engine against bare fetching and decoding, calls against the floor, N against 2N, and vdirsyncer.

Usage: python -m tests.benchmarks [--pairs 50000] [--without-vdirsyncer]

Everything is measured in one go on one machine, each measurement in a process of its own and the sandboxes in another; read the
figures as ratios. "Engine" is processor time: everything but waiting for the network. No test asserts a time.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterable
from pathlib import Path
from typing import Any

REPEATS = 5


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pairs", type=int, default=50_000)
    parser.add_argument("--without-vdirsyncer", action="store_true")
    options = parser.parse_args()
    half = measure_account(options.pairs // 2, with_changes=False)
    whole = measure_account(options.pairs, with_changes=True)
    rows = [row(options.pairs // 2, "quiet", half["quiet"]), row(options.pairs, "quiet", whole["quiet"])]
    rows.append(row(options.pairs, "1% changed", whole["changed"]))
    print_table(rows)
    quiet, fetch = whole["quiet"]["cpu"], whole["fetch"]["cpu"]
    print(f"\nfetch and decode the same pages: {fetch:.2f} s in {whole['fetch']['calls']} calls")
    print(f"engine of a quiet run / fetch and decode: {quiet / fetch:.2f} (to stay under 2.5)")
    print(f"beyond fetching and decoding: {max(0.0, quiet - fetch):.2f} s")
    print(
        f"time({options.pairs}) / time({options.pairs // 2}): {quiet / half['quiet']['cpu']:.2f} (to stay under 2.2)"
    )
    if not options.without_vdirsyncer:
        print(f"vdirsyncer, quiet sync of {options.pairs} items in memory: {vdirsyncer(options.pairs):.2f} s")


def measure_account(pairs: int, *, with_changes: bool) -> dict[str, dict[str, Any]]:
    """One account: first run, then the best of some quiet ones, then one with 1% of the due dates moved."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.serve", str(pairs), name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert server.stdin is not None
        assert server.stdout is not None
        try:
            assert server.stdout.readline().strip() == "ready"
            first = child("run", folder)
            assert first["pairs"] == first["agreed"] == pairs, first
            # In turn, so that a machine that is slow for a while is slow for both.
            turns = [(child("run", folder), child("fetch", folder)) for _ in range(REPEATS)]
            found = {"quiet": best(run for run, _ in turns), "fetch": best(fetch for _, fetch in turns)}
            assert found["quiet"]["write"] == 0, found["quiet"]
            if with_changes:
                server.stdin.write("change 1\n")
                server.stdin.flush()
                server.stdout.readline()
                found["changed"] = child("run", folder)
            return found
        finally:
            server.stdin.close()
            server.wait(timeout=60)


def child(what: str, folder: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.measure", what, str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    print(f"  {what}: {found}", file=sys.stderr)
    return found


def best(results: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """The run with the least processor time: noise only ever adds."""
    return min(results, key=lambda result: result["cpu"])


def row(pairs: int, what: str, result: dict[str, Any]) -> list[str]:
    calls = f"{result['read'] + result['write']} / {result['floor']}"
    times = [f"{result['cpu']:.2f} s", f"{result['wall']:.2f} s"]
    return [f"{pairs:,}", what, *times, f"{result['memory']:.0f} MB", calls, str(result["applied"])]


def print_table(rows: list[list[str]]) -> None:
    head = ["pairs", "run", "engine", "whole", "peak memory", "calls / floor", "written"]
    widths = [max(len(line[i]) for line in [head, *rows]) for i in range(len(head))]
    for line in [head, *rows]:
        print("  ".join(text.rjust(width) for text, width in zip(line, widths, strict=True)))


VDIRSYNCER = """
import asyncio, sys, time
from vdirsyncer.storage.memory import MemoryStorage
from vdirsyncer.sync import sync
from vdirsyncer.sync.status import SqliteStatus
from vdirsyncer.vobject import Item

async def main(count):
    a, b = MemoryStorage(), MemoryStorage()
    for n in range(count):
        await a.upload(Item(f"BEGIN:VCARD\\nUID:item-{n}\\nEND:VCARD"))
    status = SqliteStatus(":memory:")
    await sync(a, b, status, conflict_resolution=None)
    begin = time.process_time()
    await sync(a, b, status, conflict_resolution=None)
    print(time.process_time() - begin)

asyncio.run(main(int(sys.argv[1])))
"""


def vdirsyncer(items: int) -> float:
    """The quiet sync of another well-kept two-way synchroniser, in memory on both sides; installed for this alone."""
    with tempfile.TemporaryDirectory() as name:
        venv.create(name, with_pip=True)
        python = Path(name) / "bin" / "python"
        subprocess.run([python, "-m", "pip", "install", "-q", "vdirsyncer"], check=True)
        done = subprocess.run(
            [python, "-c", VDIRSYNCER, str(items)], stdout=subprocess.PIPE, text=True, check=True
        )
        return float(done.stdout)


if __name__ == "__main__":
    main()
