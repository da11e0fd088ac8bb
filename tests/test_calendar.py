"""What a server's timers would start within a day, read from systemd's words."""

import json
import time
from dataclasses import dataclass
from typing import cast

from testinfra.host import Host

from labkit.checks.fixtures import Calendar


@dataclass
class Said:
    """A server on which every command says the same."""

    text: str

    def check_output(self, command: str) -> str:
        return self.text


def test_only_what_is_to_come_is_due() -> None:
    soon, in_a_week = (int((time.time() + s) * 1e6) for s in (3600, 7 * 24 * 3600))
    timers = {
        "apt-daily": soon,
        "backup": soon,
        "running-now": None,
        "over": 0,
        "weekly": in_a_week,
        "way-back": soon,
    }
    listed = json.dumps(
        [
            {"next": start, "unit": f"{name}.timer", "activates": f"{name}.service"}
            for name, start in timers.items()
        ]
    )
    shown = "Id=way-back.timer\nFragmentPath=/run/systemd/transient/way-back.timer\n"
    host = cast(Host, Said(f"{listed}\n{shown}"))
    assert Calendar(host).due() == ["apt-daily.service", "backup.service"]
