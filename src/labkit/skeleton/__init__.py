"""The skeleton of a chapter, its lab and its solution: the tree beside this file.

In names, NAME stands for number and slug, MODULE for the slug as Python writes it;
in texts, {{number}}, {{name}}, {{title}} and {{starts_from}} stand for the lab's.
"""

import shutil
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
TODO = "TODO"
"""What a place begins with that the author is to write."""


def lay_out(root: Path, number: str, slug: str, title: str, starts_from: str) -> None:
    """Make chapter, lab and solution below `root`: all of it, or nothing.

    Raises:
        OSError: when something can't be written; nothing is there then.
    """
    name = f"{number}-{slug}"
    words = {
        "number": number,
        "name": name,
        "title": title,
        "starts_from": starts_from,
    }
    with tempfile.TemporaryDirectory(dir=root, prefix=".new-") as directory:
        new = Path(directory)
        for source in sorted(HERE.glob("[!_]*/**/*")):
            if source.is_dir() or "__pycache__" in source.parts:
                continue
            inside = str(source.relative_to(HERE)).replace("NAME", name)
            target = new / inside.replace("MODULE", slug.replace("-", "_"))
            text = source.read_text()
            for word, value in words.items():
                text = text.replace("{{" + word + "}}", value)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
            shutil.copymode(source, target)
        _move(new, root, (f"book/{name}.md", f"labs/{name}", f"solutions/{name}"))


def _move(new: Path, root: Path, parts: tuple[str, ...]) -> None:
    """Move the parts to their places, or take back those that were moved."""
    moved: list[str] = []
    try:
        for part in parts:
            moved.append(part)
            (new / part).rename(root / part)
    except BaseException:
        for part in moved:
            if (root / part).exists() and not (new / part).exists():
                (root / part).rename(new / part)
        raise
