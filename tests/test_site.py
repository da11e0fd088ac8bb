"""The ways to a site that nobody outside can reach yet, and what curl brings back."""

import pytest

from labkit.checks.site import _response, local_routes


@pytest.mark.parametrize(
    ("address", "bases", "option"),
    [
        (
            "127.0.0.1:8000",
            ("http://127.0.0.1:8000", "http://board.test"),
            ("--connect-to", "::127.0.0.1:8000"),
        ),
        (
            "[::1]:9000",
            ("http://[::1]:9000", "http://board.test"),
            ("--connect-to", "::[::1]:9000"),
        ),
        (
            "/run/board.sock",
            ("http://localhost", "http://board.test"),
            ("--unix-socket", "/run/board.sock"),
        ),
        (
            "@board",
            ("http://localhost", "http://board.test"),
            ("--abstract-unix-socket", "board"),
        ),
    ],
)
def test_by_address_and_by_name(
    address: str, bases: tuple[str, str], option: tuple[str, str]
) -> None:
    """ALLOWED_HOSTS may have either."""
    by_address, by_name = local_routes(address)
    assert (by_address.base, by_name.base) == bases
    assert by_name.options == option


def test_an_answer() -> None:
    said = "HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n\naGVsbG8="
    answer = _response(0, said, "")
    assert (answer.status, answer.text) == (302, "hello")
    assert answer.headers == {"location": "/"}


def test_no_answer() -> None:
    answer = _response(7, "", "curl: (7) Failed to connect\n")
    assert str(answer) == "no answer (curl: (7) Failed to connect)"
