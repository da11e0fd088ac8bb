"""README's map shows the whole book; what lint says of prose is in test_lint.py."""

import re

from place import ROOT


def test_readme_maps_the_whole_book() -> None:
    rows = re.findall(r"^\| (\d\d) \|", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert rows == [f"{number:02}" for number in range(1, 46)]
