"""board, the site that learners deploy, is in order on a lab server's Python."""

import io
import subprocess
import tarfile

from labkit.machines import docker as docker_machine
from place import ROOT, Place


def send(place: Place, name: str, to: str) -> None:
    """Copy what git tracks of a directory of this repository to the server."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", name],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for path in listed.stdout.splitlines():
            tar.add(ROOT / path, path)
    argv = [*docker_machine.console(place.server, tty=False), "tar", "-xf-", "-C", to]
    subprocess.run(argv, input=packed.getvalue(), check=True)


def test_its_own_tests_pass_from_the_shelf(started: Place) -> None:
    """With Debian's Python and the shelf's wheels, no network, no warning."""
    send(started, "project", "/srv")
    said = started.at_console(
        "ip route del default; cd /srv/project;"
        "apt-get -qq install -y python3-venv >/dev/null 2>&1;"
        "python3 -m venv /srv/venv; /srv/venv/bin/pip -q install -r requirements.txt;"
        "/srv/venv/bin/python -W error manage.py test 2>&1;"
        "/srv/venv/bin/python -W error manage.py check;"
        "/srv/venv/bin/python -W error manage.py makemigrations --check"
    )
    assert "OK" in said
    assert "System check identified no issues" in said
    assert "No changes detected" in said


def test_it_knows_nothing_of_labs() -> None:
    for path in (ROOT / "project").rglob("*"):
        if path.suffix in (".py", ".html", ".css", ".txt", ".md"):
            text = path.read_text().lower()
            assert "labkit" not in text, path
            assert "open box" not in text, path
