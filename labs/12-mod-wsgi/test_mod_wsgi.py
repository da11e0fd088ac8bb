"""Lab 12: TODO: the question that the checks answer."""

from collections.abc import Callable

from testinfra.host import Host

from labkit.checks import disturbs, expect, needs, still_after


def test_first(host: Host) -> None:
    """TODO: what the learner is promised."""
    status = host.run("false").rc  # TODO: look at what the server does
    expect(
        status == 0,
        wanted="TODO: what should be so.",
        found=f"TODO: what was seen, such as {status}.",
        why="TODO: why it matters.",
        look="TODO: where to look.",
    )


@disturbs("reboot")
@needs("test_first")
def test_it_survives_a_reboot(host: Host, reboot: Callable[[], None]) -> None:
    """All of this is still true after a reboot."""
    reboot()
    with still_after(
        "a reboot",
        why="what you started by hand is gone at the next power cut.",
        look="what starts at boot: systemctl list-unit-files --state=enabled.",
    ):
        test_first(host)
