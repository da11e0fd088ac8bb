"""A plot as an SVG of the book: curves over two axes that begin at nothing."""

import math
from html import escape

from labkit.bench.record import Curve, Plot
from labkit.pictures import AREA, GROUND, LINE, MUTED, SIZE, TEXT, WIDTH

HEIGHT = 300
_LEFT, _RIGHT, _TOP, _LOW = 46, 18, 36, 250

# Curves differ in their dashes and marks too: not everybody sees colours.
_LOOKS = (
    ('stroke-dasharray="5 4"', '<circle cx="{x:g}" cy="{y:g}" r="4" {ink}/>'),
    ("", '<rect x="{left:g}" y="{top:g}" width="8" height="8" {ink}/>'),
)

_PAGE = """\
<!-- Made from what ./lab dev bench measured, by ./lab dev pages -->
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" \
width="{width}" height="{height}" role="img" aria-labelledby="title desc" \
font-family="system-ui, sans-serif" font-size="{size}">
<title id="title">{title}</title>
<desc id="desc">{desc}</desc>
<rect x="0.5" y="0.5" width="359" height="{height}" rx="10" fill="{ground}"/>
{body}
</svg>
"""


def svg(plot: Plot) -> str:
    """The plot that shows these curves."""
    ends = [curve.points[-1] for curve in plot.curves]
    across, up = _ticks(max(x for x, _ in ends)), _ticks(max(y for _, y in ends))
    wide = (WIDTH - _LEFT - _RIGHT) / across[-1]
    high = (_LOW - _TOP) / up[-1]

    def at(x: float, y: float) -> tuple[float, float]:
        return round(_LEFT + x * wide, 1), round(_LOW - y * high, 1)

    body = [_text(plot.y, _LEFT - 34, 22, "start")]
    for tick in up:
        y = at(0, tick)[1]
        body.append(f'<path d="M{_LEFT} {y:g}H{WIDTH - _RIGHT}" stroke="{AREA}"/>')
        body.append(_text(f"{tick:g}", _LEFT - 6, y + 5, "end"))
    for tick in across:
        body.append(_text(f"{tick:g}", at(tick, 0)[0], _LOW + LINE, "middle"))
    body.append(_text(plot.x, (_LEFT + WIDTH) / 2, _LOW + 2 * LINE, "middle"))
    axes = f"M{_LEFT} {_TOP}V{_LOW}H{WIDTH - _RIGHT}"
    body.append(f'<path d="{axes}" fill="none" stroke="{TEXT}"/>')
    for number, curve in enumerate(plot.curves):
        dashes, mark = _LOOKS[number]
        points = [at(x, y) for x, y in curve.points]
        line = "M" + "L".join(f"{x:g} {y:g}" for x, y in points)
        body.append(
            f'<path d="{line}" fill="none" stroke="{TEXT}" stroke-width="2" {dashes}/>'
        )
        legend = (_LEFT + 20, _TOP + 12 + number * LINE)
        for x, y in [*points, legend]:
            ink = f'fill="{TEXT}"'
            body.append(mark.format(x=x, y=y, left=x - 4, top=y - 4, ink=ink))
        body.append(_text(curve.what, legend[0] + 12, legend[1] + 5, "start", TEXT))
    return _PAGE.format(
        width=WIDTH,
        height=HEIGHT,
        size=SIZE,
        ground=GROUND,
        title=escape(plot.title),
        desc=escape(" ".join(_told(curve, plot) for curve in plot.curves)),
        body="\n".join(body),
    )


def _told(curve: Curve, plot: Plot) -> str:
    points = ", ".join(f"{y:.3g} at {x:g}" for x, y in curve.points)
    return f"{curve.what}, {plot.y} by {plot.x}: {points}."


def _ticks(most: float) -> list[float]:
    """Round numbers from 0 to `most` or above, three to six of them."""
    step = 10 ** math.floor(math.log10(most))
    step = next(part for n in (5, 2, 1, 0.5) if most / (part := step / n) <= 5)
    return [round(n * step, 6) for n in range(math.ceil(most / step) + 1)]


def _text(words: str, x: float, y: float, anchor: str, ink: str = MUTED) -> str:
    return (
        f'<text x="{x:g}" y="{y:g}" fill="{ink}" text-anchor="{anchor}">'
        f"{escape(words)}</text>"
    )
