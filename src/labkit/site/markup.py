"""What the site makes of Markdown beyond what MkDocs makes of it."""

import re
from html import escape
from typing import Any

from pygments.lexers import get_lexer_for_filename
from pygments.util import ClassNotFound

from labkit import chapters
from labkit.chapters import Block

_LISTING = re.compile(
    r"^(?P<caption>Listing [\d.]+ — `(?P<place>/[^`]+)`)\s*\n+```text\n", re.MULTILINE
)
# Short code, and a date in a table's cell. Code in <pre> has elements within.
_WHOLE = re.compile(r"<code>(?=[^<\s]{1,24}</code>)|\b\d{4}-\d\d-\d\d\b(?=[^<]*</td>)")
_TYPES = {".service": "systemd", ".socket": "systemd", ".timer": "systemd"}
_OWNERS = {"#": "root", "$": "user"}


def slug(heading: str, _separator: str) -> str:
    """The anchor of a heading, the same as on the code host."""
    return chapters.anchor(heading)


def listings(markdown: str) -> str:
    """Captions marked as such, and the files below them in their own language."""

    def marked(match: re.Match[str]) -> str:
        language = _language(match["place"])
        return f"{match['caption']}\n{{ .listing }}\n\n```{language}\n"

    return _LISTING.sub(marked, markdown)


def _language(place: str) -> str:
    for suffix, language in _TYPES.items():
        if place.endswith(suffix):
            return language
    try:
        return str(get_lexer_for_filename(place).aliases[0])
    except ClassNotFound:
        return "text"


def corners(html: str) -> str:
    """A page's HTML in which a table's empty corner is no header of anything."""
    return re.sub(r"<th( [^>]*)?></th>", r"<td\1></td>", html)


def unbroken(html: str) -> str:
    """A page's HTML in which options and dates are not broken at their hyphens."""

    def whole(match: re.Match[str]) -> str:
        if match[0] == "<code>":
            return '<code class="whole">'
        return f'<span class="whole">{match[0]}</span>'

    return _WHOLE.sub(whole, html)


def fence(source: str, *_: Any, **__: Any) -> str:
    """A console block in HTML: what is typed, told apart by who types it and apart
    from what is printed.

    Prompts and output are no part of what the copy button takes (`data-copy` is
    Material's); a screen reader is told "root:" or "user:" in a prompt's place.
    """
    block = Block(line=0, info="console", body=source + "\n", place="", not_run="")
    exchanges = block.exchanges
    commands = "\n".join(exchange.command for exchange in exchanges)
    lines = []
    for exchange in exchanges:
        owner = _OWNERS[exchange.owner]
        first, *further = exchange.command.split("\n")
        lines.append(
            f'<span class="typed {owner}"><span class="prompt" aria-hidden="true">'
            f'{exchange.owner} </span><span class="who">{owner}: </span>'
            f"{escape(first)}\n</span>"
        )
        lines += [
            '<span class="typed"><span class="prompt" aria-hidden="true">&gt; </span>'
            f"{escape(line)}\n</span>"
            for line in further
        ]
        if exchange.output:
            text = escape("\n".join(exchange.output))
            lines.append(f'<samp class="printed">{text}\n</samp>')
    return (
        f'<div class="highlight console" data-copy="{escape(commands)}">'
        f"<pre><code>{''.join(lines)}</code></pre></div>"
    )
