"""Fifteen ordinary checks, for `lab dev bench`: what a transport costs."""

import pytest
from testinfra.host import Host


@pytest.mark.parametrize("number", range(15))
def test_ordinary(host: Host, number: int) -> None:
    """A file belongs to root, and a service runs."""
    assert host.file("/etc/passwd").user == "root"
    assert host.service("ssh").is_running
