"""Pictures of the book: an SVG for each book/img/*.toml that has a title.

Why no drawing program: a layout made by one (Graphviz, say) moves everything when a
node comes in, and our pictures grow from chapter to chapter with each thing in its
place. So a source says where its boxes are, and what is in them:

    title = "The path of a request"
    desc = "What somebody hears who can't see the picture."
    family = "path-of-a-request"      # this file gives the places of common boxes
    height = 500

    [area.server]                     # a dashed frame around boxes
    [group.process]                   # a tinted one
    [box.browser]                     # each with `at`: x, y, width, height
    [[arrow]]                         # `from` and `to` name boxes or groups

A picture is as wide as a phone, 360 units, so that its words can be read there. It has
a quiet ground of its own: in an <img>, it can't know the page's colours. What is new in
a chapter has a thick line and the word "new", since not everybody sees colours.
"""

import re
import tomllib
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any, Literal

import msgspec

from labkit.errors import LabError

WIDTH = 360
SIZE = 14
"""Of the letters, and one more for the first line of a box."""
LINE = 18
# How wide a letter is, in parts of its size: fonts differ, so rather too wide.
_LETTER = 0.6
TEXT, MUTED, NO = "#14213d", "#3b475a", "#9b1c1c"
GROUND, AREA, GROUP, DOOR, PLAIN = "#eef1f5", "#e2e7ee", "#cdebd3", "#ffe6ac", "#ffffff"

Point = tuple[float, float]


class Rect(msgspec.Struct, array_like=True, forbid_unknown_fields=True, frozen=True):
    """Where something is: its left upper corner, its width and its height."""

    x: float
    y: float
    w: float
    h: float

    def meets(self, other: "Rect") -> bool:
        """Whether the two have a point in common."""
        return (
            self.x < other.x + other.w
            and other.x < self.x + self.w
            and self.y < other.y + other.h
            and other.y < self.y + self.h
        )


class _Part(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    text: list[str] = []
    new: bool = False


class _Placed(_Part, frozen=True):
    at: Rect


class Area(_Placed, frozen=True):
    """A dashed frame, with its name in a corner."""


class Group(_Placed, frozen=True):
    """A tinted frame around boxes, such as those of one process, with its name."""


class Box(_Placed, frozen=True):
    """A thing on the way: a pill for people, a disk for files, a door for what asks.

    The words that a door says have no frame.
    """

    shape: Literal["box", "pill", "door", "disk", "words"] = "box"


class Arrow(_Part, frozen=True):
    """From one box or group to another: straight, or by the corners in `via`.

    A "way" is what is passed on, "care" who looks after whom, "no" what is refused.
    """

    start: str = msgspec.field(name="from")
    to: str
    kind: Literal["way", "care", "no"] = "way"
    both: bool = False
    via: list[Point] = []
    words_at: Point = (0, 0)
    anchor: Literal["start", "middle", "end"] = "start"


class Picture(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A source, with what its family gives."""

    title: str
    desc: str
    height: float
    family: str = ""
    area: dict[str, Area] = {}
    group: dict[str, Group] = {}
    box: dict[str, Box]
    arrow: list[Arrow] = []


_FAMILY = re.compile(r'^family = "(.+)"', re.MULTILINE)


def families(root: Path) -> set[str]:
    """The names of the families that pictures belong to."""
    every = (root / "book/img").glob("*.toml")
    return {name for path in every for name in _FAMILY.findall(path.read_text())}


def drawn(root: Path) -> list[Path]:
    """The SVG of each source, whether it is there or not; a family has none."""
    every, none = sorted((root / "book/img").glob("*.toml")), families(root)
    return [path.with_suffix(".svg") for path in every if path.stem not in none]


def places(path: Path) -> dict[str, object]:
    """Where the boxes are to which a source, or a family, gives a place itself."""
    boxes = _read(path).get("box", {})
    return {name: box["at"] for name, box in boxes.items() if "at" in box}


def svg(source: Path) -> str:
    """The picture that a source describes.

    Raises:
        LabError: when the source is broken, or its words don't fit.
    """
    picture = _load(source)
    if wrong := _crowded(picture):
        raise _error(source, wrong)
    parts: dict[str, _Placed] = {**picture.group, **picture.box}
    try:
        arrows = [_arrow(arrow, parts) for arrow in picture.arrow]
    except KeyError as error:
        raise _error(source, f"no box is named {error}") from error
    body = [
        *map(_area, picture.area.values()),
        *map(_group, picture.group.values()),
        *arrows,
        *map(_box, picture.box.values()),
        *(_tag(part.at) for part in parts.values() if part.new),
    ]
    return _PAGE.format(
        name=source.name,
        width=WIDTH,
        height=f"{picture.height:g}",
        ground=GROUND,
        muted=MUTED,
        size=SIZE,
        title=escape(picture.title),
        desc=escape(" ".join(picture.desc.split())),
        text=TEXT,
        no=NO,
        body="\n".join(body),
    )


_PAGE = """\
<!-- Made from {name} by ./lab dev pages -->
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" \
width="{width}" height="{height}" role="img" aria-labelledby="title desc" \
font-family="system-ui, sans-serif" font-size="{size}">
<title id="title">{title}</title>
<desc id="desc">{desc}</desc>
<defs>
<marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="9" \
markerHeight="9" markerUnits="userSpaceOnUse" orient="auto-start-reverse">\
<path d="M0 0 10 5 0 10z" fill="{text}"/></marker>
<marker id="stop" viewBox="0 0 10 10" refX="5" refY="5" markerWidth="10" \
markerHeight="10" markerUnits="userSpaceOnUse" orient="auto">\
<path d="M1 1 9 9M1 9 9 1" stroke="{no}" stroke-width="2"/></marker>
</defs>
<rect x="0.5" y="0.5" width="359" height="{height}" rx="10" fill="{ground}"/>
{body}
</svg>
"""


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _error(path, f"is no TOML: {error}") from error


def _load(source: Path) -> Picture:
    raw = _read(source)
    if "family" in raw:
        family = source.with_name(f"{raw['family']}.toml")
        if not family.is_file():
            raise _error(source, f"there is no {family.name}")
        common = _read(family).get("box", {})
        boxes = raw.get("box", {})
        raw["box"] = {name: common.get(name, {}) | box for name, box in boxes.items()}
    try:
        return msgspec.convert(raw, Picture)
    except msgspec.ValidationError as error:
        raise _error(source, str(error)) from error


def _error(source: Path, what: str) -> LabError:
    why = "A picture is drawn from what its source says, and must hold its words."
    file = f"book/img/{source.name}"
    return LabError(f"{file}: {what}", why, f"mend {file}, then: ./lab dev pages")


def wide(line: str, size: float = SIZE) -> float:
    """How much room a line of text may need, in whatever font."""
    return len(line) * size * _LETTER


def _crowded(picture: Picture) -> str:
    """What does not fit; "" when all does."""
    placed: list[tuple[str, Rect]] = []
    for name, box in picture.box.items():
        lines = [wide(line) for line in box.text[1:]]
        lines += [wide(line, SIZE + 2) for line in box.text[:1]]  # bold is wider
        if max(lines, default=0) > box.at.w or len(box.text) * LINE > box.at.h:
            return f"box.{name} is too small for its words"
        placed.append((f"box.{name}", box.at))
    for arrow in picture.arrow:
        if arrow.text:
            x, y = arrow.words_at
            width = max(map(wide, arrow.text))
            x -= {"start": 0, "middle": width / 2, "end": width}[arrow.anchor]
            words = Rect(x, y - SIZE + 2, width, len(arrow.text) * LINE - 4)
            placed.append((f"the words '{arrow.text[0]} ...'", words))
    for number, (name, rect) in enumerate(placed):
        if not (rect.x >= 0 and rect.x + rect.w <= WIDTH and rect.y >= 0):
            return f"{name} is beside the picture"
        if rect.y + rect.h > picture.height:
            return f"{name} is below the picture"
        for other, there in placed[:number]:
            if rect.meets(there):
                return f"{name} and {other} overlap"
    return ""


def _area(area: Area) -> str:
    frame = _rect(area.at, 10, f'fill="{AREA}" stroke="{MUTED}" stroke-dasharray="6 5"')
    corner = (area.at.x + area.at.w - 12, area.at.y + 18)
    return frame + _words(area.text, corner, "end", MUTED)


def _group(group: Group) -> str:
    middle = (group.at.x + group.at.w / 2, group.at.y + 22)
    return _rect(group.at, 10, _paint(GROUP, group)) + _words(group.text, middle)


def _box(box: Box) -> str:
    at = box.at
    lid = 7 if box.shape == "disk" else 0
    high = (at.h - len(box.text) * LINE) / 2 + SIZE + lid
    words = _words(box.text, (at.x + at.w / 2, at.y + high), head=True)
    if box.shape == "words":
        return _words(box.text, (at.x + 10, at.y + high), "start", NO)
    if lid:  # a lid above, as on the drums that once were disks
        return (
            f'<path d="M{at.x:g} {at.y + 5:g}v{at.h - 10:g}a{at.w / 2:g} 7 0 0 0 '
            f"{at.w:g} 0v{10 - at.h:g}a{at.w / 2:g} 7 0 0 0 {-at.w:g} 0a{at.w / 2:g} 7 "
            f'0 0 0 {at.w:g} 0" {_paint(PLAIN, box)}/>' + words
        )
    edge = {"pill": at.h / 2, "door": 0, "box": 5}[box.shape]
    return _rect(at, edge, _paint(DOOR if edge == 0 else PLAIN, box)) + words


def _paint(fill: str, part: _Part) -> str:
    return f'fill="{fill}" stroke="{TEXT}" stroke-width="{4 if part.new else 1.5}"'


def _tag(at: Rect) -> str:
    """The word "new" on the upper edge of something."""
    tag = Rect(at.x + 8, at.y - 10, 38, 19)
    return _rect(tag, 4, f'fill="{TEXT}"') + _words(
        ["new"], (tag.x + tag.w / 2, tag.y + 14), fill=PLAIN
    )


def _arrow(arrow: Arrow, parts: Mapping[str, _Placed]) -> str:
    start, to = parts[arrow.start].at, parts[arrow.to].at
    points = [_edge(start, to), _edge(to, start)]
    if arrow.via:
        last = arrow.via[-1]
        points = [_edge(start, _dot(arrow.via[0])), *arrow.via, _edge(to, _dot(last))]
    line = "M" + "L".join(f"{x:g} {y:g}" for x, y in points)
    tip = "stop" if arrow.kind == "no" else "tip"
    colour = NO if arrow.kind == "no" else TEXT
    more = ' stroke-dasharray="5 4"' if arrow.kind == "care" else ""
    more += ' marker-start="url(#tip)"' if arrow.both else ""
    return (
        f'<path d="{line}" fill="none" stroke="{colour}" stroke-width="2"'
        f'{more} marker-end="url(#{tip})"/>'
    ) + _words(arrow.text, arrow.words_at, arrow.anchor, MUTED)


def _dot(point: Point) -> Rect:
    return Rect(*point, 0, 0)


def _edge(here: Rect, there: Rect) -> Point:
    """The point of a box's edge from which a straight line leads to another box."""
    left, right = max(here.x, there.x), min(here.x + here.w, there.x + there.w)
    if left <= right:  # one is above the other
        below = there.y >= here.y + here.h
        return (left + right) / 2, here.y + here.h if below else here.y
    top, low = max(here.y, there.y), min(here.y + here.h, there.y + there.h)
    beside = there.x >= here.x + here.w
    return here.x + here.w if beside else here.x, (top + low) / 2


def _rect(at: Rect, edge: float, paint: str) -> str:
    return (
        f'<rect x="{at.x:g}" y="{at.y:g}" width="{at.w:g}" height="{at.h:g}" '
        f'rx="{edge:g}" {paint}/>'
    )


def _words(
    lines: list[str],
    at: Point,
    anchor: str = "middle",
    fill: str = TEXT,
    *,
    head: bool = False,
) -> str:
    """Lines of text, the first one at a point; a head is bold and a little larger."""
    said = []
    for number, line in enumerate(lines):
        bold = (
            f' font-weight="bold" font-size="{SIZE + 1}"' if head and not number else ""
        )
        said.append(
            f'<text x="{at[0]:g}" y="{at[1] + number * LINE:g}" fill="{fill}" '
            f'text-anchor="{anchor}"{bold}>{escape(line)}</text>'
        )
    return "\n".join(["", *said])
