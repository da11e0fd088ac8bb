"""Running the commands that the doctor's findings are made from."""

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor

from labkit.doctor.seen import Said

_SECONDS = 30


def ask(commands: dict[str, list[str]]) -> dict[str, Said]:
    """Run the commands side by side and return what each printed, by its name."""
    with ThreadPoolExecutor(len(commands)) as pool:
        return dict(zip(commands, pool.map(_said, commands.values()), strict=True))


def _said(argv: list[str]) -> Said:
    try:
        done = subprocess.run(
            argv,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            env=os.environ | {"LC_ALL": "C"},
        )
    except FileNotFoundError:
        return Said(None, "")
    except subprocess.TimeoutExpired:
        return Said(124, f"no answer within {_SECONDS} s")
    except OSError as error:  # found, and not to be run
        return Said(126, str(error))
    return Said(done.returncode, (done.stdout + done.stderr).decode(errors="replace"))
