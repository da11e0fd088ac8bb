"""Questions to a service's Django: what stays behind, and what must not.

The service is a made-up one, and so is its Django, which reads a word at each setup.
"""

import shlex
import time
from collections.abc import Callable, Iterator

import pytest
from testinfra.host import Host

from labkit import servers
from labkit.checks.service import Service, Unable
from labkit.checks.shell import ShellBackend
from place import Place

SERVER = """
mkdir -p /srv/site
cat >/srv/site/django.py <<'PYTHON'
def setup():
    global word
    word = open("/srv/site/word").read().strip()
PYTHON
echo "import time; time.sleep(9999)" >/srv/site/serve.py
echo first >/srv/site/word
cat >/etc/systemd/system/board.service <<'UNIT'
[Unit]
StartLimitIntervalSec=0
[Service]
User=nobody
WorkingDirectory=/srv/site
Environment=PYTHONPATH=/srv/site
ExecStart=/usr/bin/python3 serve.py
UNIT
systemctl daemon-reload
systemctl restart board
"""
PARENT = "import os; answer = os.getppid()"
WORD = "import django; answer = django.word"

# Runs as a stranger on the server: $1 is what to do at the place where questions go.
STRANGER = """
import pathlib, socket, subprocess, sys, time
show = ["systemctl", "show", "-P", "MainPID", "board"]
pid = subprocess.run(show, capture_output=True, text=True).stdout.strip()
stat = pathlib.Path("/proc", pid, "stat").read_text().rpartition(")")[2].split()
wire = socket.socket(socket.AF_UNIX)
place = f"\\0labkit-{pid}-{stat[19]}"
if sys.argv[1] == "take":
    wire.bind(place)
    wire.listen()
    print("taken", flush=True)
    time.sleep(60)
else:
    wire.connect(place)
    try:
        socket.send_fds(wire, [b"!"], [1, 2])
        wire.sendall(b"print('it ran')")
        wire.shutdown(socket.SHUT_WR)
        print(wire.recv(9) or "refused")
    except ConnectionError:
        print("refused")
"""
AS_STRANGER = f"setpriv --reuid=_apt --clear-groups python3 -c {shlex.quote(STRANGER)}"


@pytest.fixture(scope="module")
def place(new_place: Callable[[], Place]) -> Place:
    place = new_place()
    place.lab("start", "01")
    return place


@pytest.fixture
def backend(place: Place) -> Iterator[ShellBackend]:
    """One session on the server, with the service running anew."""
    place.at_console(SERVER)
    config = str(servers.ssh_config(place.server))
    backend = ShellBackend(place.server.name, config)
    yield backend
    backend._leave()


@pytest.fixture
def service(backend: ShellBackend) -> Service:
    return Service(Host(backend))


def gone(place: Place, pid: int) -> bool:
    """Whether the process ends within some seconds."""
    for _ in range(40):
        if place.at_console(f"test -d /proc/{pid} || echo gone"):
            return True
        time.sleep(0.1)
    return False


def test_one_process_stays_for_all_questions(service: Service) -> None:
    assert service.ask("import os; answer = os.getuid()") == 65534
    assert service.ask(PARENT) == service.ask(PARENT)


def test_each_question_finds_the_site_as_it_is(place: Place, service: Service) -> None:
    assert service.ask(WORD) == "first"
    place.at_console("echo second >/srv/site/word")
    assert service.ask(WORD) == "second"


def test_a_question_leaves_nothing_to_the_next(service: Service) -> None:
    service.ask("import time; time.time = None; answer = 0")
    assert service.ask("import time; answer = time.time()") > 0


def test_words_of_a_failure(service: Service) -> None:
    for _ in range(2):
        with pytest.raises(Unable, match="ValueError: so"):
            service.ask("raise ValueError('so')")
        with pytest.raises(Unable, match="farewell"):
            service.ask("import sys; sys.exit('farewell')")
        with pytest.raises(Unable, match="no words"):
            service.ask("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")


def test_it_ends_with_the_service(place: Place, service: Service) -> None:
    before = service.ask(PARENT)
    place.at_console("systemctl restart board")
    assert service.ask(PARENT) != before
    assert gone(place, before)


def test_it_ends_with_the_session(
    place: Place, backend: ShellBackend, service: Service
) -> None:
    before = service.ask(PARENT)
    backend._leave()
    assert gone(place, before)


def test_a_stranger_may_not_ask(service: Service, backend: ShellBackend) -> None:
    service.ask(WORD)
    said = backend.run(f"{AS_STRANGER} ask")
    assert said.stdout == "refused\n", said.stderr


def test_a_stranger_may_not_answer(service: Service, backend: ShellBackend) -> None:
    backend.run(f"{AS_STRANGER} take >/run/taken 2>&1 &")
    backend.run("until grep -q taken /run/taken; do sleep 0.1; done")
    assert service.ask(WORD) == "first"
