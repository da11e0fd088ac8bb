"""Lab 05: is the site a user that can touch little, with a place for everything?"""

from collections.abc import Callable

import pytest
from testinfra.host import Host

from labkit.checks import board, disturbs, guard, needs, service_user, still_after
from labkit.checks.board import Member
from labkit.checks.service import Service
from labkit.checks.site import Site


@guard
def test_site_answers(service: Service, site: Site) -> None:
    """The site answers: its home page, and its word on its own health."""
    board.answers(service, site)


@needs("test_site_answers")
def test_not_root(host: Host, service: Service) -> None:
    """The site runs as a service user: not as root, nor as a person."""
    service_user.not_root(host, service)


@needs("test_site_answers", "test_not_root")
def test_code_is_read_only(service: Service) -> None:
    """The site can't change its own code, nor Django's."""
    service_user.code_is_read_only(service)


@needs("test_site_answers")
def test_secrets_are_private(host: Host, service: Service, site: Site) -> None:
    """Nobody else can know the site's key or read its database."""
    service_user.secrets_are_private(host, service, site)


@needs("test_site_answers")
def test_data_is_elsewhere(service: Service) -> None:
    """Data lies apart from the code, and none of it was lost on the way."""
    service_user.data_is_elsewhere(service)


@guard
@disturbs("data")
@needs("test_site_answers")
def test_upload_works(site: Site, member: Member | str) -> None:
    """A member logs in and posts a notice with a picture, which visitors see."""
    board.upload_works(site, member)


@guard
@needs("test_site_answers")
def test_requests_are_logged(host: Host, service: Service, site: Site) -> None:
    """Each request leaves a line in the log, which no stranger can write."""
    board.requests_are_logged(host, service, site)


@disturbs("reboot")
@needs(
    "test_site_answers",
    "test_not_root",
    "test_code_is_read_only",
    "test_secrets_are_private",
    "test_data_is_elsewhere",
    "test_upload_works",
    "test_requests_are_logged",
)
def test_it_survives_a_reboot(
    host: Host,
    service: Service,
    reboot: Callable[[], None],
    request: pytest.FixtureRequest,
) -> None:
    """All of this is still true after a reboot."""
    reboot()
    site = request.getfixturevalue("site")
    with still_after(
        "a reboot",
        why="what you started by hand is gone at the next power cut, and so is "
        "what lay in /run or /tmp.",
        look="what starts at boot: systemctl list-unit-files --state=enabled.",
    ):
        test_site_answers(service, site)
        service_user.all_kept(host, service, site)
        test_requests_are_logged(host, service, site)
