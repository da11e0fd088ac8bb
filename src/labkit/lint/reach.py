"""Does a check ever come to `expect`, by itself or through what it calls?

Followed are functions of the same file and those of `labkit.checks`.
"""

import ast
from pathlib import Path

from labkit import checkfiles, checks

SHARED = Path(checks.__file__).parent
"""Where steps that several labs' checks share are."""


def reaches_expect(
    path: Path, name: str, seen: frozenset[tuple[Path, str]] = frozenset()
) -> bool:
    """Whether the function `name` of a file calls `expect`, directly or not."""
    if (path, name) in seen or not path.is_file():
        return False
    tree = checkfiles.parse(path)
    own = {n.name: n for n in tree.body if isinstance(n, ast.FunctionDef)}
    if name not in own:
        return False
    places = _imports(tree) | {each: (path, each) for each in own}
    for node in ast.walk(own[name]):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        if called == "expect":
            return True
        module, _, function = called.partition(".")
        where, known_as = places.get(module, (None, ""))
        if where and reaches_expect(where, function or known_as, seen | {(path, name)}):
            return True
    return False


def _imports(tree: ast.Module) -> dict[str, tuple[Path, str]]:
    """What a file imports of `labkit.checks`: by name, the file and name there."""
    found = {}
    for node in ast.walk(tree):
        if not isinstance(node, ast.ImportFrom) or not node.module:
            continue
        package, _, module = node.module.rpartition(".")
        for alias in node.names:
            known_as = alias.asname or alias.name
            if node.module == "labkit.checks":
                found[known_as] = (SHARED / f"{alias.name}.py", "")
            elif package == "labkit.checks":
                found[known_as] = (SHARED / f"{module}.py", alias.name)
    return found
