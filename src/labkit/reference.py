"""Reference pages of the book: the commands, and the keys of lab.toml."""

from pathlib import Path
from typing import Any

import msgspec

from labkit.labs import LabFile

_COMMANDS = """\
# Commands

All that `./lab` can do, as `./lab COMMAND --help` says it. Every command exits with 0
when all is well, with 1 when a check is red, with 2 when something prevented it, and
with 130 after Ctrl-C.
"""
_SETTINGS = """\
# lab.toml and markers

What an author writes to describe a lab. The file is read strictly: a key that is not
here, or a value of another type, is an error that names the file, the key and the mend.

## lab.toml, format 1

| Key | Type | Meaning |
|---|---|---|
"""
_MARKERS = """
## Markers of a check

They are imported from `labkit.checks`.

| Marker | Meaning |
|---|---|
| `@guard` | rightly true from the start, and must stay true |
| `@needs("test_x")` | blocked while the check `test_x` does not pass |
| `@disturbs("data")` | changes data for a while: runs late, and may be declined |
| `@disturbs("restart")` | restarts the service: runs later, and may be declined |
| `@disturbs("reboot")` | reboots the server: runs last, and may be declined |
| `@requires("own-clock")` | runs only where the machine offers that |
"""
_MEANINGS = {
    "format": "the version of this file's format",
    "title": "the lab's title, which is its chapter's too",
    "minutes": "how long it takes alone, measured",
    "starts_from": 'the slug of the lab whose solved server this one starts on; "" is '
    "the bare server",
    "changes": "the paths that solving touches, each a file or a directory; proven by "
    "comparing the disk before and after",
    "variants": "a drill's causes, of which one is chosen by a seed: names of scripts "
    "in `variants/`; may be left out",
}


def commands(_root: Path) -> str:
    """Every command with its help, as the command line gives it."""
    import typer

    from labkit.cli import app

    group: Any = typer.main.get_command(app)
    top = group.context_class(group, info_name="./lab", terminal_width=80)
    return _COMMANDS + "".join(_told(group, top))


def _told(group: Any, context: Any) -> list[str]:
    parts = []
    for name, command in group.commands.items():
        inner = group.context_class(
            command, info_name=name, parent=context, terminal_width=80
        )
        if hasattr(command, "commands"):
            parts += _told(command, inner)
        else:
            title = inner.command_path.removeprefix("./")
            parts.append(f"\n## {title}\n\n```text\n{command.get_help(inner)}\n```\n")
    return parts


def settings(_root: Path) -> str:
    """The keys of lab.toml, from its schema, and the markers."""
    schema = msgspec.json.schema(LabFile)
    properties = schema["$defs"]["LabFile"]["properties"]
    rows = [
        f"| `{key}` | {_type(value)} | {_MEANINGS[key]} |\n"
        for key, value in properties.items()
    ]
    return _SETTINGS + "".join(rows) + _MARKERS


def _type(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return " or ".join(f"`{value}`" for value in schema["enum"])
    if schema["type"] == "array":
        return f"list of {_type(schema['items'])}"
    names = {"string": "text", "integer": "whole number"}
    return names[schema["type"]]
