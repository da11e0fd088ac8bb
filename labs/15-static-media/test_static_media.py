"""Lab 15: who serves the files, for how long they are kept, and what can't run?"""

import re
import uuid
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import Any

import pytest
from testinfra.host import Host

from labkit.checks import (
    board,
    disturbs,
    expect,
    files,
    guard,
    needs,
    service_user,
    still_after,
)
from labkit.checks.board import Member
from labkit.checks.service import Service, Unable
from labkit.checks.site import Site

A_DAY = 24 * 60 * 60
A_MONTH = 30 * A_DAY

# How a name carries a hash: in Django's way, or in any other with eight digits.
HASH = re.compile(r"[.-][0-9a-f]{8,}(?=\.|$)")

# Collects twice, into a directory that goes again: the files as they are, and with
# another style sheet. Says what each style sheet is then called.
COLLECT = """
import copy, pathlib, tempfile
from django.conf import settings
from django.core.management import call_command
from django.templatetags.static import static
from django.test import override_settings
name = "board/style.css"
def named(*before):
    storages = copy.deepcopy(settings.STORAGES)
    options = storages["staticfiles"].get("OPTIONS", {})
    with tempfile.TemporaryDirectory() as root:
        if "location" in options:
            options["location"] = root
        options.pop("manifest_storage", None)
        places = [*before, *settings.STATICFILES_DIRS]
        with override_settings(
            STATIC_ROOT=root, STORAGES=storages, STATICFILES_DIRS=places
        ):
            call_command("collectstatic", interactive=False, verbosity=0)
            return static(name)
with tempfile.TemporaryDirectory() as place:
    other = pathlib.Path(place, name)
    other.parent.mkdir()
    other.write_text("body { color: teal }")
    answer = [named(), named(place)]
"""

# Asks the kernel what the service's user may write of some trees, or put in their
# place; nothing is written.
WRITABLE = """
import os, pathlib
found = []
for root in map(pathlib.Path, roots):
    inside = [root]
    for directory, below, names in os.walk(root):
        inside += (pathlib.Path(directory, name) for name in (*below, *names))
    found += [str(p) for p in inside if not p.is_symlink() and os.access(p, os.W_OK)]
    found += [
        str(p) for p in root.parents
        if os.access(p, os.W_OK) and not p.stat().st_mode & 0o1000
    ]
answer = sorted(found)
"""

# What a member's browser would run, or the server: each sent as the board stores it.
PAGE = b"<!doctype html><title>x</title><script>alert(document.domain)</script>"
DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
UPLOADS = {
    ".html": PAGE,
    ".HTM": PAGE,
    "": PAGE,
    ".xhtml": b'<html xmlns="http://www.w3.org/1999/xhtml"><body/></html>',
    ".svg": DRAWING,
    ".xml": DRAWING,
    ".php": b"<?php echo 6 * 7; ?>",
    ".py": b"#!/usr/bin/python3\nprint('Content-Type: text/plain\\n\\nran')\n",
    ".cgi": b"#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\nran'\n",
}
PUT = """
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
answer = []
for name, text in texts.items():
    kept = default_storage.save(name, ContentFile(text.encode()))
    answer.append([name, kept, default_storage.url(kept)])
"""
TAKE = """
from django.core.files.storage import default_storage
for name in names:
    default_storage.delete(name)
answer = None
"""
# A notice whose picture is in a directory of its own, as at the turn of a month.
NEXT_MONTH = """
import pathlib
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from board.models import Category, Notice
kept = default_storage.save("pictures/2999/01/dot.png", ContentFile(bytes.fromhex(png)))
notice = Notice.objects.create(
    title="Next month", body="By a check.", picture=kept, picture_alt="A dot",
    author=User.objects.get(username=name), category=Category.objects.get(name=name),
)
answer = [notice.picture.url, notice.pk]
"""
NO_MONTH = """
import contextlib, pathlib
from django.core.files.storage import default_storage
from board.models import Notice
Notice.objects.filter(pk=notice).delete()
for place in ("pictures/2999/01", "pictures/2999"):
    with contextlib.suppress(OSError):
        default_storage.delete(place)
answer = None
"""
MEDIA = """
from django.conf import settings
answer = [str(settings.MEDIA_ROOT), settings.MEDIA_URL]
"""


@guard
def test_site_answers(service: Service, site: Site) -> None:
    """The site answers: its home page, and its word on its own health."""
    board.answers(service, site)


@needs("test_site_answers")
def test_debug_is_off(site: Site) -> None:
    """DEBUG is off: a page that is missing is the board's own, and tells nothing."""
    path = f"/labkit-{uuid.uuid4().hex[:8]}/"
    answer = site.get(path)
    told = "URLconf" in answer.text or "DEBUG" in answer.text
    own = "Nothing hangs here" in answer.text
    found = f"{path} is answered with {answer}"
    if told:
        found += ", on Django's page for developers, which lists the site's addresses"
    elif not own:
        found += ", and not with the board's own page"
    expect(
        answer.status == 404 and own and not told,
        wanted="a page that is missing is answered with 404 and the board's own page.",
        found=f"{found}.",
        why="with DEBUG on, each error shows a stranger code, settings and addresses.",
        look="DEBUG in the settings that the service reads, and whether it has been "
        "restarted since.",
    )


@needs("test_site_answers")
def test_styles_are_there(site: Site) -> None:
    """Style sheets and scripts of the home page and of the admin are there."""
    files.styles_are_there(site)


@needs("test_styles_are_there", "test_debug_is_off")
def test_names_follow_the_content(service: Service, site: Site) -> None:
    """A style sheet that changes gets another name, and the newest is linked."""
    linked, now, changed = files.style_sheet(site), "", ""
    try:
        now, changed = service.ask(COLLECT)
    except Unable as words:
        found = f"collectstatic, tried in a directory of its own, failed: {words}."
    else:
        found = ""
        if now == changed:
            found = f"two style sheets with different content are both called {now}."
        elif not linked.endswith(now.rpartition("/")[2]):
            found = f"the home page links {linked or 'no style sheet'}; the one that "
            found += f"lies in the code would be called {now}."
    expect(
        not found,
        wanted="collectstatic names a style sheet after its content, and the home page "
        "links the one that is in the code now.",
        found=found,
        why="a browser keeps a file under its name. With a new name for each content, "
        "it may keep it for ever, and still nobody sees yesterday's styles.",
        look="STORAGES in the settings; whether collectstatic ran, and the service was "
        "restarted or reloaded, after the last change of the code.",
    )


@needs("test_styles_are_there", "test_debug_is_off")
def test_browsers_keep_them(site: Site) -> None:
    """Browsers keep files with a hash in their name for long, and ask for others."""
    found = _not_kept(site)
    expect(
        not found,
        wanted="a file with a hash in its name has a Cache-Control with immutable and "
        "a max-age of a month or more; any other static file is kept for a day at "
        "most, or is not served.",
        found=found,
        why="what is kept is not asked for again. What is kept under a name whose "
        "content can change is wrong until it expires, and nobody can call it back.",
        look="add_header and expires in nginx's configuration, as nginx reads it: "
        "nginx -T. Fetch both names with curl --head.",
    )


def _not_kept(site: Site) -> str:
    """What is wrong with how long static files may be kept; "" when nothing is."""
    for page in files.PAGES:
        for path in files.linked(site, page):
            control, age = _control(site, path)
            if "immutable" not in control or age < A_MONTH:
                return f"{path} comes with `Cache-Control: {control or 'none'}`."
            plain = HASH.sub("", path)
            if plain == path:
                return f"{path} is to be kept, and has no hash in its name."
            control, age = _control(site, plain)
            if "immutable" in control or age > A_DAY:
                return f"{plain}, without a hash, comes with `Cache-Control: {control}`"
    return ""


def _control(site: Site, path: str) -> tuple[str, int]:
    """The Cache-Control of an answer, and its max-age; none for what isn't served."""
    answer = site.get(path)
    control = answer.headers.get("cache-control", "") if answer.status == 200 else ""
    age = re.search(r"max-age=(\d+)", control)
    return control, int(age[1]) if age else 0


@needs("test_styles_are_there", "test_debug_is_off")
def test_only_root_changes_them(host: Host, service: Service, site: Site) -> None:
    """The service's user can't change the static files that visitors get."""
    roots = _roots(host, site)
    loose = service.ask(WRITABLE, roots=[str(root) for root in roots])
    expect(
        bool(roots) and not loose,
        wanted="the service's user can write none of the static files, nor the "
        "directories that they are in.",
        found=f"as the service's user, the check could write {len(loose)} of them, "
        f"such as {loose[0]}."
        if loose
        else f"no file on the server has the name of {files.style_sheet(site)}.",
        why="a script that everybody's browser runs, the admin's included, is worth "
        "more to an intruder than the page it belongs to.",
        look="who owns them: namei --long with a file's path. As whom did you run "
        "collectstatic?",
    )


def _roots(host: Host, site: Site) -> list[PurePosixPath]:
    """The directories from which the static files are served, or copied."""
    sheet = files.style_sheet(site)
    # Its address ends in board/NAME, and so does its path.
    found = files.places(host, sheet) if HASH.search(sheet) else []
    return [path.parents[1] for path in found]


@needs("test_styles_are_there", "test_debug_is_off")
@disturbs("restart")
def test_django_is_not_asked(host: Host, site: Site) -> None:
    """Static files come while the board stands still: nginx serves them by itself."""
    paths = [path for page in files.PAGES for path in files.linked(site, page)]
    host.check_output("systemctl freeze board.service")
    try:
        answers = {path: site.get(path, "--max-time", "4") for path in paths[:4]}
    finally:
        host.check_output("systemctl thaw board.service")
    missing = [path for path, answer in answers.items() if answer.status != 200]
    expect(
        not missing and bool(paths),
        wanted="style sheets and scripts are answered while the processes of "
        "board.service stand still.",
        found=f"with board.service frozen, {missing[0]} got {answers[missing[0]]}."
        if missing
        else "the pages name no style sheet.",
        why="a page names ten files or more. A worker that sends them makes no pages "
        "meanwhile, and nginx does it with less work.",
        look="nginx -T, for the location that answers /static/; whether the board has "
        "URLs of its own for static files.",
    )


@guard
@disturbs("data")
@needs("test_site_answers")
def test_pictures_are_shown(service: Service, site: Site, member: Member | str) -> None:
    """A member can post a picture; pictures of last and of next month are shown."""
    _shown(dict.fromkeys(files.pictures(site)[:3], "from the home page"), site)
    board.upload_works(site, member)
    if isinstance(member, Member):  # or upload_works has failed
        url, notice = service.ask(NEXT_MONTH, name=member.name, png=board.PNG.hex())
        try:
            _shown({url: "in a directory that the board has just made"}, site)
        finally:
            service.ask(NO_MONTH, notice=notice)


def _shown(pictures: dict[str, str], site: Site) -> None:
    """Each picture is sent as one; the values say where it comes from."""
    found = "" if pictures else "the home page shows no picture."
    for path, origin in pictures.items():
        answer = site.get(path)
        kind = answer.headers.get("content-type", "no content type")
        if answer.status != 200:
            found = found or f"{path}, {origin}, is answered with {answer}."
        elif not kind.startswith("image/"):
            found = found or f"{path}, {origin}, comes as {kind}."
    expect(
        not found,
        wanted="the notices' pictures are answered with 200, as pictures: those that "
        "are there, and those in the directory that the board makes each month.",
        found=found,
        why="with DEBUG off, Django no longer serves them.",
        look="/var/log/nginx/error.log, which names the file that nginx tried to open; "
        "namei --long with its path, for who may enter each directory on the way. "
        "What group and rights has a directory that the service has made?",
    )


@pytest.fixture
def uploads(service: Service) -> Iterator[dict[str, tuple[str, bytes]] | str]:
    """Files that are no pictures, as if the board had taken them: for each ending the
    address and the content; or why there are none. They are gone after the check."""
    mark = f"pictures/labkit-{uuid.uuid4().hex[:8]}"
    texts = {mark + end: text.decode() for end, text in UPLOADS.items()}
    kept: list[str] = []
    try:
        stored = service.ask(PUT, texts=texts)
    except Unable as words:
        yield f"storing a file as the board does failed: {words}."
    else:
        kept = [name for _, name, _ in stored]
        yield {
            name.removeprefix(mark): (url, texts[name].encode())
            for name, _, url in stored
        }
    service.ask(TAKE, names=kept)


@disturbs("data")
@needs("test_pictures_are_shown")
def test_uploads_never_run(
    site: Site, uploads: dict[str, tuple[str, bytes]] | str
) -> None:
    """An upload that is no picture runs nowhere: not on the server, nor as a page."""
    found = uploads if isinstance(uploads, str) else ""
    for url, sent in uploads.values() if not isinstance(uploads, str) else ():
        if words := files.harm(site.get(url), sent):
            found = found or f"{url} was fetched: {words}."
    expect(
        not found,
        wanted="a file among the uploads that is no picture is refused, or comes so "
        "that a browser saves it or shows it without its scripts, and with "
        "X-Content-Type-Options: nosniff.",
        found=found,
        why="a page among the uploads is a page of your site: its script reads what "
        "the visitor may read, and posts in the visitor's name.",
        look="curl --head with the address of an HTML file that you put among the "
        "uploads: its Content-Type, Content-Disposition and Content-Security-Policy. "
        "An add_header in a location takes away those that stand around it.",
    )


@guard
@disturbs("data")
@needs("test_site_answers")
def test_nothing_beside_is_served(host: Host, service: Service, site: Site) -> None:
    """What lies beside the files is not served, and directories are not listed."""
    media, media_url = service.ask(MEDIA)
    sheet = files.style_sheet(site)
    roots: list[tuple[Any, str]] = [(PurePosixPath(media), media_url)]
    roots += [(root, sheet.rpartition("/board/")[0]) for root in _roots(host, site)]
    found = ""
    for root, url in roots:
        found = found or _beside(host, site, root, url.rstrip("/"))
    for path in [sheet, *files.pictures(site)[:1]]:
        directory, _, name = path.rpartition("/")
        if not found and name and f'"{name}"' in site.get(f"{directory}/").text:
            found = f"{directory}/ is answered with a list of the files in it."
    expect(
        not found,
        wanted="no address leads out of the directories of static files and uploads, "
        "and no address lists them.",
        found=found,
        why="beside them lie the database, the code or the settings. And a list "
        "shows what no page links, such as the pictures of notices taken down.",
        look="the location and its alias, whether both end in a slash; autoindex; as "
        "nginx reads them: nginx -T.",
    )


def _beside(host: Host, site: Site, root: PurePosixPath, url: str) -> str:
    """Which address leads to a file that the check lays down beside `root`."""
    name, word = f"labkit-{uuid.uuid4().hex[:8]}.txt", uuid.uuid4().hex
    path = root.parent / name
    host.check_output("sh -c %s", f"umask 022; echo {word} >'{path}'")
    try:
        for way in (f"{url}../", f"{url}/../", f"{url}/..%2f", f"{url}/%2e%2e/"):
            if word in site.get(way + name, "--path-as-is").text:
                return f"{way}{name} brought the file {path}, beside {root}."
    finally:
        host.run("rm -f %s", str(path))
    return ""


@guard
@needs("test_site_answers")
def test_nginx_reads_no_secrets(host: Host, service: Service) -> None:
    """nginx's user can read neither the key nor the database."""
    known = service.ask(service_user.SECRETS, word="")
    found = []
    workers = files.workers(host)
    if not workers:
        found.append("nothing but root's processes listens at port 80 or 443.")
    for worker in workers:
        search = service_user.SEARCH.replace(service_user.STRANGER, worker.prefix)
        readers = host.run(search, known["key"]).stdout.split()
        if readers:
            found.append(
                f"the user of {worker.program} reads {readers[0]}, where the site's "
                "key is."
            )
        file = known["database"]
        # reads text: as nginx's user, who must not be able to
        if file and host.run(f"{worker.prefix} head -c1 %s", file).rc == 0:
            found.append(f"the user of {worker.program} reads the database, {file}.")
    expect(
        not found,
        wanted="the program that visitors meet runs as a user who can read neither "
        "the site's key nor its database.",
        found=" ".join(found),
        why="nginx sends what it can read, if its configuration has a slip in it. "
        "What it can't read, no slip gives away.",
        look="the user's groups: id www-data. Groups count from the start of a "
        "process on. namei --long with the path of the file.",
    )


@guard
@needs("test_site_answers")
def test_earlier_labs_still_hold(host: Host, service: Service, site: Site) -> None:
    """What was won before still holds: own user, closed code, closed secrets, logs."""
    service_user.all_kept(host, service, site)
    board.requests_are_logged(host, service, site)


@disturbs("reboot")
@needs(
    "test_site_answers",
    "test_debug_is_off",
    "test_styles_are_there",
    "test_names_follow_the_content",
    "test_browsers_keep_them",
    "test_only_root_changes_them",
    "test_django_is_not_asked",
    "test_pictures_are_shown",
    "test_uploads_never_run",
    "test_nothing_beside_is_served",
    "test_nginx_reads_no_secrets",
    "test_earlier_labs_still_hold",
)
def test_it_survives_a_reboot(
    host: Host,
    service: Service,
    reboot: Callable[[], None],
    request: pytest.FixtureRequest,
) -> None:
    """All of this is still true after a reboot."""
    reboot()
    site = request.getfixturevalue("site")
    with still_after(
        "a reboot",
        why="what lies in /run or /tmp is gone at the next power cut, and so is what "
        "nobody has told systemd to start.",
        look="what starts at boot: systemctl list-unit-files --state=enabled; where "
        "STATIC_ROOT and MEDIA_ROOT are.",
    ):
        test_site_answers(service, site)
        test_debug_is_off(site)
        test_styles_are_there(site)
        test_names_follow_the_content(service, site)
        test_browsers_keep_them(site)
        test_nginx_reads_no_secrets(host, service)
        test_earlier_labs_still_hold(host, service, site)
