"""Pictures: what the sources in book/img say is drawn, so that it can be read."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from labkit import pictures
from labkit.errors import LabError
from place import ROOT

DRAWN = pictures.drawn(ROOT)
SVG = "{http://www.w3.org/2000/svg}"
SMALL = """
title = "t"
desc = "d"
height = 200
box.one = { at = [20, 20, 100, 40], text = ["one"] }
box.two = { at = [20, 120, 100, 40], text = ["two"] }
"""


def drawn(tmp_path: Path, more: str = "", small: str = SMALL) -> str:
    source = tmp_path / "small.toml"
    source.write_text(small + more)
    return pictures.svg(source)


@pytest.mark.parametrize("path", DRAWN, ids=lambda path: path.stem)
def test_picture_is_told_to_who_can_not_see_it(path: Path) -> None:
    picture = ElementTree.parse(path).getroot()
    assert picture.get("role") == "img"
    assert picture.get("aria-labelledby") == "title desc"
    for name in ("title", "desc"):
        element = picture.find(SVG + name)
        assert element is not None
        assert element.get("id") == name
        assert element.text


def luminance(colour: str) -> float:
    """As WCAG 2.2 has it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize(
    ("words", "ground"),
    [
        (words, ground)
        for words in (pictures.TEXT, pictures.MUTED, pictures.NO)
        for ground in (
            *(pictures.GROUND, pictures.AREA, pictures.GROUP),
            *(pictures.DOOR, pictures.PLAIN),
        )
    ],
)
def test_words_stand_out_from_their_ground(words: str, ground: str) -> None:
    light, dark = luminance(ground) + 0.05, luminance(words) + 0.05
    assert light / dark >= 4.5


@pytest.mark.parametrize("path", DRAWN, ids=lambda path: path.stem)
def test_picture_is_as_narrow_as_a_phone(path: Path) -> None:
    assert ElementTree.parse(path).getroot().get("width") == "360"


def test_what_is_new_says_so_in_a_word(tmp_path: Path) -> None:
    small = SMALL.replace('text = ["two"]', 'text = ["two"], new = true')
    assert ">new<" in drawn(tmp_path, small=small)
    assert ">new<" not in drawn(tmp_path)


def test_things_of_a_family_stay_in_their_places() -> None:
    """Where a chapter's picture gives a place of its own, the family has none."""
    common = pictures.places(ROOT / "book/img/path-of-a-request.toml")
    for path in (ROOT / "book/img").glob("*-path-of-a-request.toml"):
        for name, place in pictures.places(path).items():
            assert common.get(name, place) == place, f"{path.name}: {name}"


@pytest.mark.parametrize(
    ("more", "line"),
    [
        ('[[arrow]]\nfrom = "one"\nto = "two"', "M70 60L70 120"),
        (
            '[[arrow]]\nfrom = "one"\nto = "two"\nvia = [[180, 40], [180, 140]]',
            "M120 40L180 40L180 140L120 140",
        ),
    ],
    ids=["straight", "round corners"],
)
def test_arrow_goes_from_edge_to_edge(tmp_path: Path, more: str, line: str) -> None:
    assert f'd="{line}"' in drawn(tmp_path, more)


@pytest.mark.parametrize(
    ("more", "what"),
    [
        ("[", "is no TOML"),
        ("colour = 1", "colour"),
        ('family = "nobody"', "there is no nobody.toml"),
        ('[[arrow]]\nfrom = "one"\nto = "three"', "no box is named 'three'"),
        ("box.three = { at = [60, 130, 50, 40] }", "box.three and box.two overlap"),
        ("box.three = { at = [300, 20, 90, 40] }", "beside the picture"),
        ("box.three = { at = [200, 180, 90, 40] }", "below the picture"),
        (
            'box.three = { at = [200, 20, 90, 40], text = ["a long, long word"] }',
            "box.three is too small for its words",
        ),
        (
            '[[arrow]]\nfrom = "one"\nto = "two"\ntext = ["x"]\nwords_at = [90, 40]',
            "the words 'x ...' and box.one overlap",
        ),
    ],
)
def test_source_that_can_not_be_drawn_is_told(
    tmp_path: Path, more: str, what: str
) -> None:
    with pytest.raises(LabError) as told:
        drawn(tmp_path, more if more != "[" else "\n[")
    assert told.value.what.startswith("book/img/small.toml: ")
    assert what in told.value.what
    assert "./lab dev pages" in told.value.next
