"""The command line `lab`: it parses, the modules of `labkit.commands` act."""

import errno
import sys
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from labkit.console import explain
from labkit.errors import LabError

app = typer.Typer(
    help="The Open Box: deploy Django on a server you understand.",
    no_args_is_help=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain lines, as all else that is said
    add_completion=False,
)
image_app = typer.Typer(help="The lab server's image: build it, or carry it in a file.")
app.add_typer(image_app, name="image")
dev_app = typer.Typer(help="For authors and developers.")
app.add_typer(dev_app, name="dev")


class Disturbing(Enum):
    """What a check may disturb for a while."""

    data = "data"
    restart = "restart"
    reboot = "reboot"


Install = Annotated[
    bool, typer.Option("--install", help="Install what this computer lacks.")
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
Local = Annotated[
    str | None,
    typer.Option(
        "--on", metavar="KIND", help="The kind of machine: vagrant or docker."
    ),
]
Anywhere = Annotated[
    str | None,
    typer.Option(
        "--on",
        metavar="KIND",
        help="The kind of machine: vagrant, docker, or a server that you rent: "
        "ssh://USER@HOST[:PORT].",
    ),
]
Seed = Annotated[int | None, typer.Option(help="The same number gives the same fault.")]
Fresh = Annotated[
    bool,
    typer.Option("--fresh", help="Go on from the reference, not from your own server."),
]


@app.callback(invoke_without_command=True)
def status(context: typer.Context) -> None:
    """Deploy Django on a server you understand. Without a command: where am I?"""
    if context.invoked_subcommand is None:
        from labkit.commands import session, status

        status.status(session.open_session())


@app.command()
def doctor() -> None:
    """Say whether this computer can run the labs, and what it lacks.

    Exit code: 0 when the default kind of machine works, 1 otherwise.
    """
    from labkit.commands import doctor, session

    raise typer.Exit(doctor.run(session.open_session()))


@app.command()
def start(
    lab: Annotated[
        str | None, typer.Argument(help="Number or slug; none: switch the server on.")
    ] = None,
    on: Anywhere = None,
    port: Annotated[
        int | None,
        typer.Option(min=1024, max=65535, help="The port of this computer for ssh."),
    ] = None,
    seed: Seed = None,
    fresh: Fresh = False,
    yes: Yes = False,
) -> None:
    """Bring the server to the start of a lab. A drill gets one of its causes."""
    from labkit.commands import session, start

    here = session.open_session(on=on)
    start.start(here, lab, fresh=fresh, port=port, seed=seed, yes=yes)


@app.command("catch-up")
def catch_up(
    lab: Annotated[str, typer.Argument(help="Number or slug.")], yes: Yes = False
) -> None:
    """Start a lab from the reference's solution of the lab before."""
    from labkit.commands import session, start

    here = session.open_session()
    start.start(here, lab, fresh=True, port=None, seed=None, yes=yes)


@app.command()
def resume(
    lab: Annotated[
        str | None, typer.Argument(help="Number or slug; none: the last one solved.")
    ] = None,
    yes: Yes = False,
) -> None:
    """Bring back your own server as you solved a lab with it."""
    from labkit.commands import session, start

    start.resume(session.open_session(), lab, yes=yes)


@app.command()
def check(
    json: Annotated[
        bool, typer.Option("--json", help="Print the report as JSON.")
    ] = False,
    json_schema: Annotated[
        bool, typer.Option("--json-schema", help="Print the report's JSON Schema.")
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Repeat, say what changes.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
    decline: Annotated[
        list[Disturbing] | None,
        typer.Option(help="Leave out the checks that disturb the server so."),
    ] = None,
    yes: Yes = False,
) -> None:
    """Look at the server and say what holds.

    Exit code: 0 all green, 1 not all, 2 the server could not be looked at.
    """
    from labkit.commands import check, session

    if json_schema:
        import msgspec

        from labkit import files
        from labkit.report import Report

        print(files.as_json(msgspec.json.schema(Report)))
        return
    here = session.open_session()
    if watch:
        from labkit.commands import watch as watching

        raise typer.Exit(watching.watch(here))
    raise typer.Exit(
        check.check(
            here,
            as_json=json,
            debug=debug,
            decline=[what.value for what in decline or []],
            yes=yes,
        )
    )


@app.command()
def hint(
    check: Annotated[
        str | None, typer.Argument(help="A check; none: the first failed.")
    ] = None,
) -> None:
    """Show the next hint."""
    from labkit.commands import learn, session

    learn.hint(session.open_session(), check)


@app.command()
def shell(
    user: Annotated[str | None, typer.Argument(help="Log in as this user.")] = None,
    console: Annotated[
        bool, typer.Option("--console", help="As root at the console, without ssh.")
    ] = False,
) -> None:
    """Open a shell on the server."""
    from labkit.commands import learn, session

    learn.shell(session.open_session(), user, console=console)


@app.command("open")
def open_site(
    path: Annotated[
        str, typer.Argument(help="A page, such as /search/, or http://letterbox.test/.")
    ] = "/",
    no_browser: Annotated[
        bool,
        typer.Option("--no-browser", help="Say what to set in a browser of yours."),
    ] = False,
) -> None:
    """Show the site on the server in a browser of this computer.

    It gets a profile of its own, which is removed when you close it. The
    environment variable BROWSER says which it is: any of Chromium's or
    Firefox's family.
    """
    from labkit.commands import browse, session

    browse.browse(session.open_session(), path, own=no_browser)


@app.command()
def solve(yes: Yes = False) -> None:
    """Show the reference solution, then apply it."""
    from labkit.commands import learn, session

    learn.solve(session.open_session(), yes=yes)


@app.command()
def reset(fresh: Fresh = False, yes: Yes = False) -> None:
    """Take the server back to the start of its lab, or of its drill."""
    from labkit.commands import session, start

    start.reset(session.open_session(), fresh=fresh, yes=yes)


@app.command("break")
def break_down(
    lab: Annotated[
        str | None,
        typer.Argument(
            help="Number or slug; none: the lab of your server if you have solved "
            "it, or else one that you have."
        ),
    ] = None,
    fault: Annotated[
        str | None, typer.Argument(help="The name of a fault; none: a random one.")
    ] = None,
    seed: Seed = None,
    yes: Yes = False,
) -> None:
    """Break something on a solved server, for you to find and mend.

    The server is the reference's, not yours; ./lab resume brings yours back.
    """
    from labkit.commands import drill, session

    drill.begin(session.open_session(), lab, fault, seed=seed, yes=yes)


@app.command()
def down(
    forget: Annotated[
        bool,
        typer.Option("--forget", help="A rented server that is gone: forget it."),
    ] = False,
    prune: Annotated[
        bool,
        typer.Option(
            "--prune",
            help="Delete the labs' kept servers as well, but for your own solved ones.",
        ),
    ] = False,
    yes: Yes = False,
) -> None:
    """Stop and remove the server. From a rented one, take away what was added."""
    from labkit.commands import session, start

    start.down(session.open_session(), forget=forget, prune=prune, yes=yes)


@app.command()
def book(
    build: Annotated[
        bool, typer.Option("--build", help="Write it to build/site, and as a zip.")
    ] = False,
    port: Annotated[
        int, typer.Option(min=1024, max=65535, help="The port of this computer.")
    ] = 8000,
) -> None:
    """Serve the book as a site on this computer. It follows every edit."""
    from labkit.commands import book, session

    if build:
        book.build(session.ROOT)
    else:
        book.serve(session.ROOT, port)


@app.command()
def demo(on: Local = None, install: Install = False) -> None:
    """Show the whole loop once, on lab 01, on a server of its own."""
    from labkit.commands import demo, session

    demo.demo(session.open_session("demo", on=on), install=install)


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True}
)
def test(context: typer.Context, install: Install = False) -> None:
    """Run every test of this repository. Further arguments are pytest's."""
    from labkit.commands import demo, session

    raise typer.Exit(
        demo.test(session.open_session(), list(context.args), install=install)
    )


@image_app.command("build")
def image_build(install: Install = False) -> None:
    """Build the server's image, even when it is there."""
    from labkit import image

    image.build(install=install)


@image_app.command("save")
def image_save(
    path: Annotated[Path, typer.Argument(help="The file to write.")],
) -> None:
    """Write the server's image to a file, for computers with no network."""
    from labkit import image

    image.save(path)


@image_app.command("load")
def image_load(
    path: Annotated[Path, typer.Argument(help="A file that was saved.")],
) -> None:
    """Load the server's image from a file."""
    from labkit import image

    image.load(path)


@image_app.command("box")
def image_box(
    out: Annotated[Path, typer.Option(help="The directory to write to.")] = Path(
        "build/box"
    ),
    install: Install = False,
) -> None:
    """Build the virtual machine's box, and give it to Vagrant."""
    from labkit import box

    box.build(out, install=install)


@dev_app.command("bench")
def dev_bench(
    part: Annotated[
        list[str] | None,
        typer.Argument(
            help="checks, watch, commands, growth, footprint or builds; none: all."
        ),
    ] = None,
    on: Local = None,
) -> None:
    """Measure how long a learner waits, on a server of its own.

    Exit code: 0 all budgets are kept, 1 one is broken.
    """
    from labkit.commands import bench, session

    raise typer.Exit(bench.run(session.open_session("bench", on=on), part or []))


@dev_app.command("lint")
def dev_lint(
    lab: Annotated[
        list[str] | None, typer.Argument(help="Numbers or slugs; none: all.")
    ] = None,
) -> None:
    """Say what is wrong with labs, chapters and solutions. Needs no server.

    Exit code: 0 nothing, 1 findings.
    """
    from labkit.commands import lint, session

    raise typer.Exit(lint.run(session.open_session(), lab or []))


@dev_app.command("new")
def dev_new(
    number: Annotated[str, typer.Argument(help="Two digits: the place in the order.")],
    slug: Annotated[str, typer.Argument(help="The permanent id: gunicorn-systemd.")],
) -> None:
    """Lay out the skeleton of a chapter, its lab and its solution."""
    from labkit.commands import new, session

    new.new(session.open_session(), number, slug)


@dev_app.command("pages")
def dev_pages() -> None:
    """Make the generated pages and the pictures of the book anew."""
    from labkit import pages
    from labkit.commands import session

    pages.write(session.ROOT)


@dev_app.command("record")
def dev_record() -> None:
    """Record `lab demo` for the site's first page."""
    from labkit.commands import session
    from labkit.site import recorded

    recorded.record(session.ROOT)


@dev_app.command("prove")
def dev_prove(
    lab: Annotated[
        list[str] | None, typer.Argument(help="Numbers or slugs; none: all.")
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="How many servers work at once.")
    ] = None,
    on: Anywhere = None,
    yes: Yes = False,
) -> None:
    """Carry out the contract of labs on servers of its own. Write the matrix.

    What an interrupted proof has left is kept, and gone on from.

    A rented server has no snapshots: there, the start and the solution of one lab
    after another are proven.
    """
    from labkit.commands import prove, prove_rented, session

    if on is not None and on.startswith("ssh"):
        here = session.open_session(on=on)
        raise typer.Exit(prove_rented.run(here, lab or [], yes=yes))
    here = session.open_session("prove-1", on=on)
    raise typer.Exit(prove.run(here, lab or [], jobs=jobs))


@dev_app.command("listings")
def dev_listings(
    lab: Annotated[
        list[str] | None, typer.Argument(help="Numbers or slugs; none: all.")
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Write the real output into the chapter.")
    ] = False,
) -> None:
    """Type each chapter's commands on a server. Compare what they print."""
    from labkit.commands import listings, session

    here = session.open_session("listings")
    raise typer.Exit(listings.run(here, lab or [], write=write))


def main() -> None:
    """Run the command line; errors are told, never thrown at the reader."""
    try:
        app(prog_name="lab")
    except LabError as error:
        explain(error)
        sys.exit(2)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        explain(
            LabError(
                "The disk is full.",
                f"{error.filename or 'A file'} could not be written; the old one is "
                "as it was.",
                "make room and repeat the command",
            )
        )
        sys.exit(2)
