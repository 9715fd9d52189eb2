"""Both simulators together: for a block of code, or until the operator stops them (`connector sandbox`)."""

from __future__ import annotations

import shlex
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TextIO

from .axcelerate import AxcelerateSandbox, AxcelerateSwitches
from .clock import Clock
from .generate import demo_world
from .ispring import IspringSandbox, IspringSwitches
from .people import World

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True)
class Sandboxes:
    """Two served accounts of one provider; they share a clock."""

    ispring: IspringSandbox
    axcelerate: AxcelerateSandbox
    world: World
    clock: Clock

    def environment(self) -> dict[str, str]:
        """The settings that point a connector at these accounts."""
        ispring, axcelerate = self.ispring, self.axcelerate
        return {
            "CONNECTOR_TIMEZONE": self.world.zone,
            "CONNECTOR_ISPRING__API_URL": f"{ispring.url}/api/v2",
            "CONNECTOR_ISPRING__ACCOUNT_URL": ispring.account_url,
            "CONNECTOR_ISPRING__CLIENT_ID": ispring.client_id,
            "CONNECTOR_ISPRING__CLIENT_SECRET": ispring.client_secret,
            "CONNECTOR_ISPRING__EMAIL": ispring.email,
            "CONNECTOR_ISPRING__PASSWORD": ispring.password,
            "CONNECTOR_ISPRING__REQUESTS_PER_SECOND": "0",
            "CONNECTOR_AXCELERATE__API_URL": axcelerate.url,
            "CONNECTOR_AXCELERATE__API_TOKEN": axcelerate.api_token,
            "CONNECTOR_AXCELERATE__WS_TOKEN": axcelerate.ws_token,
            "CONNECTOR_AXCELERATE__REQUESTS_PER_SECOND": "0",
        }


@contextmanager
def run_sandboxes(
    world: World | None = None,
    *,
    ispring_switches: IspringSwitches | None = None,
    axcelerate_switches: AxcelerateSwitches | None = None,
    ports: tuple[int, int] = (0, 0),
    clock: Clock | None = None,
) -> Iterator[Sandboxes]:
    """Serve both platforms on 127.0.0.1 while the block runs, filled with `world` (default: the demo's).

    `ports` are iSpring's and aXcelerate's; 0 takes a free one. Raises OSError when a port is taken.
    """
    world = world or demo_world()
    clock = clock or Clock()
    ispring = IspringSandbox(ispring_switches, clock)
    axcelerate = AxcelerateSandbox(axcelerate_switches, clock)
    ispring.load(world)
    axcelerate.load(world)
    with ispring.serving(port=ports[0]), axcelerate.serving(port=ports[1]):
        yield Sandboxes(ispring, axcelerate, world, clock)


def demo_mappings_dir() -> Path:
    """Where the mapping files of the demo are: beside this file once installed, else in the source tree."""
    installed = Path(__file__).parent / "mappings"
    return installed if installed.is_dir() else Path(__file__).parents[2] / "mappings" / "demo"


def serve_until_stopped(
    world: World | None = None,
    *,
    ispring_switches: IspringSwitches | None = None,
    axcelerate_switches: AxcelerateSwitches | None = None,
    ports: tuple[int, int] = (0, 0),
    output: TextIO | None = None,
) -> None:
    """Serve both platforms until SIGINT or SIGTERM; prints settings that a shell can source.

    To be called from the main thread, the only one that may take signals. The output ends with the line
    `# ready`, so that a script knows when to go on. With no world given it is the demo's, mappings included.
    """
    stopped = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        stopped.set()

    before = {number: signal.signal(number, stop) for number in STOP_SIGNALS}
    try:
        with run_sandboxes(
            world, ispring_switches=ispring_switches, axcelerate_switches=axcelerate_switches, ports=ports
        ) as boxes:
            mappings = demo_mappings_dir() if world is None else None
            print("\n".join(_introduction(boxes, mappings)), file=output or sys.stdout, flush=True)
            stopped.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _introduction(boxes: Sandboxes, mappings: Path | None) -> list[str]:
    """What `connector sandbox` prints: a shell script that says everything an operator needs."""
    settings = boxes.environment()
    if mappings is not None:
        settings["CONNECTOR_MAPPINGS_DIR"] = str(mappings)
    ispring, axcelerate = boxes.ispring.url, boxes.axcelerate.root_url
    return [
        "# Two invented accounts of one invented provider. Source these lines, then try `connector plan`.",
        *(f"export {name}={shlex.quote(value)}" for name, value in settings.items()),
        "#",
        "# Play a person, order a fault, turn a switch, read the calls:",
        f"#   curl {ispring}/_control/",
        f"#   curl {axcelerate}/_control/",
        f"#   curl {axcelerate}/_control/state/units",
        f"#   curl -X POST {axcelerate}/_control/person/set_unit \\",
        '#     -d \'{"contact_id": 22042, "class_id": 880123, "code": "BSBWHS211", "end": "2030-01-31"}\'',
        f'#   curl -X POST {ispring}/_control/faults -d \'{{"kind": "status", "status": 503, "times": 3}}\'',
        "#",
        "# Stop with Ctrl-C.",
        "# ready",
    ]
