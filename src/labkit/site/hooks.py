"""What MkDocs calls while it builds the site (hooks in mkdocs.yml)."""

from pathlib import Path
from typing import Any

import markdown as python_markdown
from jinja2 import FileSystemBytecodeCache
from mkdocs.utils import get_relative_url

from labkit import pages
from labkit.site import glossary, markup, mirror, nav, recorded

ROOT = Path(__file__).resolve().parents[3]
_HOME = "README.md"
# Pages of one table after another, each with the same columns.
_ALIKE = ("book/proofs.md", "book/symptoms.md")


def on_config(config: Any) -> Any:
    """Make the mirror and the navigation."""
    config.docs_dir = str(mirror.make(ROOT))
    config.nav = nav.of(ROOT)
    return config


def on_env(env: Any, *, config: Any, files: Any) -> Any:
    """Compile the theme's templates once, and not at each edit: a third of the time."""
    compiled = ROOT / "build" / "templates"
    compiled.mkdir(parents=True, exist_ok=True)
    env.bytecode_cache = FileSystemBytecodeCache(str(compiled))
    return env


def on_page_markdown(text: str, *, page: Any, config: Any, files: Any) -> str:
    """Dress listings; make README's beginning the cover."""
    if page.file.src_uri == _HOME:
        promise, _, rest = text.partition("\n## ")
        title, _, promise = promise.removeprefix("# ").partition("\n")
        page.meta |= {
            "template": "home.html",
            "heading": title,
            "promise": python_markdown.markdown(promise),
            "recorded": recorded.as_html((ROOT / recorded.FILE).read_text()),
        }
        text = f"## {rest}"
    if page.file.src_uri == glossary.FILE:
        text = glossary.anchored(text)
    return markup.listings(text)


def on_page_content(html: str, *, page: Any, config: Any, files: Any) -> str:
    """Link the glossary's terms, but not in pages of tables and in itself."""
    html = markup.corners(markup.unbroken(html))
    source = page.file.src_uri
    if source in _ALIKE:
        html = html.replace("<table>", "<table data-alike>")
    if source in pages.PAGES or source in (glossary.FILE, "CONTRIBUTING.md"):
        return html
    terms = glossary.told((ROOT / glossary.FILE).read_text())
    address = files.get_file_from_path(glossary.FILE).url
    return glossary.linked(html, terms, source, get_relative_url(address, page.url))


def on_page_context(context: Any, *, page: Any, config: Any, nav: Any) -> Any:
    """Nobody edits a page that is made."""
    if page.file.src_uri in pages.PAGES:
        page.edit_url = None
    return context
