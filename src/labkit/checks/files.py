"""What visitors get of the board's files: style sheets, pictures, and nothing else."""

import json
import re
from pathlib import PurePosixPath
from typing import NamedTuple

from testinfra.host import Host

from labkit.checks import expect
from labkit.checks.site import Response, Site

# The pages whose files are looked at: one of the board's, one of the admin's.
PAGES = ("/", "/admin/login/")

# What a browser shows as a page, with the scripts in it; no type at all is guessed.
_ACTIVE = ("", "text/html", "application/xhtml+xml", "text/xml", "application/xml")

# Prints ids and groups of each process at a web port, as the kernel knows them.
_FRONT = """
import json, pathlib, re, subprocess
argv = ["ss", "-Hltnp", "( sport = :80 or sport = :443 )"]
said = subprocess.run(argv, capture_output=True, text=True).stdout
found = []
for pid in sorted(set(re.findall(r"pid=(\\d+)", said)), key=int):
    lines = pathlib.Path("/proc", pid, "status").read_text().splitlines()
    status = dict(line.split(":", 1) for line in lines)
    uid, gid = (status[name].split()[1] for name in ("Uid", "Gid"))
    found.append([status["Name"].strip(), uid, gid, status["Groups"].split()])
print(json.dumps(found))
"""

_FIND = (
    r"find / \( -path /proc -o -path /sys -o -path /dev \) -prune "
    "-o -type f -name %s -print"
)


class Worker(NamedTuple):
    """Whom a program at a web port runs as; `prefix` runs a command as the same."""

    program: str
    uid: str
    prefix: str


def workers(host: Host) -> list[Worker]:
    """The accounts, other than root, of the programs at ports 80 and 443."""
    found = {}
    for name, uid, gid, groups in json.loads(
        host.check_output("python3 -c %s", _FRONT)
    ):
        others = f"--groups={','.join(groups)}" if groups else "--clear-groups"
        prefix = f"setpriv --reuid={uid} --regid={gid} {others}"
        if uid != "0":
            found[prefix] = Worker(name, uid, prefix)
    return list(found.values())


def linked(site: Site, page: str) -> list[str]:
    """The addresses of the style sheets, scripts and icons that a page names."""
    tags = re.findall(r"<(?:link|script)\b[^>]*>", site.get(page).text)
    found = [re.search(r'\b(?:href|src)="([^"]+)"', tag) for tag in tags]
    return list(dict.fromkeys(one[1].removeprefix(site.base) for one in found if one))


def pictures(site: Site) -> list[str]:
    """The addresses of the notices' pictures on the home page."""
    return re.findall(r'<img src="([^"]*/pictures/[^"]+)"', site.get("/").text)


def style_sheet(site: Site) -> str:
    """The address of the board's own style sheet, as the home page has it."""
    sheets = (path for path in linked(site, "/") if path.endswith(".css"))
    return next(sheets, "")


def styles_are_there(site: Site) -> None:
    """Style sheets and scripts of the home page and of the admin are there."""
    found = ""
    for page in PAGES:
        paths = linked(site, page)
        if not any(path.endswith(".css") for path in paths):
            found = f"{page}, answered with {site.get(page)}, names no style sheet."
        for path in paths:
            answer = site.get(path)
            kind = answer.headers.get("content-type", "none")
            if answer.status != 200:
                found = f"{path}, which {page} names, is answered with {answer}."
            elif path.endswith(".css") and not kind.startswith("text/css"):
                found = f"{path} comes with the content type {kind}, and a browser "
                found += "takes no style from that."
            if found:
                break
        if found:
            break
    expect(
        not found,
        wanted="the style sheets and scripts that the home page and the admin name "
        "are answered with 200, style sheets as text/css.",
        found=found,
        why="without them the board is bare text, and parts of the admin don't work.",
        look="/var/log/nginx/error.log, which names the file that nginx tried to open; "
        "whether that file is there; namei --long with its path, for who may read it.",
    )


def harm(answer: Response, sent: bytes) -> str:
    """What an uploaded file that is no picture can do when it is fetched; "" for
    nothing: it is refused, or a browser keeps it at arm's length.
    """
    if answer.status != 200:
        return ""
    if answer.body != sent:
        return f"something else came back, as if it had been run: {answer.text[:60]!r}"
    headers = answer.headers
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    saved = headers.get("content-disposition", "").lower().startswith("attachment")
    policy = headers.get("content-security-policy", "").lower().split(";")
    boxed = any(
        "sandbox" in rule.split()[:1] and "allow-scripts" not in rule for rule in policy
    )
    if (kind in _ACTIVE or kind.endswith("+xml")) and not (saved or boxed):
        return f"it came as {kind or 'no type at all'}, and a browser runs its script"
    if headers.get("x-content-type-options", "").strip().lower() != "nosniff":
        return f"it came as {kind} without nosniff, and a browser may guess another"
    return ""


def places(host: Host, path: str) -> list[PurePosixPath]:
    """The files on the server's disk that have the name of this address."""
    name = PurePosixPath(path).name
    found = host.check_output(_FIND, name)
    return [PurePosixPath(line) for line in found.splitlines()]
