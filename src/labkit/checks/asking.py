"""Running Python on the service's own Django, from outside: as its user, in its place.

Django takes longer to import than most questions take to answer. So the first question
leaves a process behind in the service's stead, which has imported Django's code and
none of the site's. It forks for each question, and the fork reads the settings anew. It
ends with the service's process, or with the session that asked. Where there is none,
and none can be made, Python is started for the question.
"""

import json

from testinfra.backend.base import CommandResult
from testinfra.host import Host

# Becomes the service as far as one can from outside: its view of the file system,
# its directory, umask, groups, user and environment. Then runs a program on its Django.
_ENTER = """
import json, os, pathlib, socket, struct, subprocess, sys
unit, code, as_worker, serve, libraries = sys.argv[1:]
show = ["systemctl", "show", "-P", "ControlGroup", unit]
group = subprocess.run(show, capture_output=True, text=True).stdout.strip()
pids = pathlib.Path("/sys/fs/cgroup" + group, "cgroup.procs").read_text().split()
# The first may be a shell that has started Python.
places = [pathlib.Path("/proc", pid) for pid in pids]
python = [here for here in places if "python" in os.readlink(here / "exe")]
here = (python or places)[0]
def strings(name):
    return (here / name).read_text().split("\\0")[:-1]
status = dict(line.split(":", 1) for line in (here / "status").read_text().splitlines())
environment = dict(entry.split("=", 1) for entry in strings("environ"))
environment |= {"PYTHONDONTWRITEBYTECODE": "1"}
argv = strings("cmdline")
groups = [int(group) for group in status["Groups"].split()]
uid, gid = int(status["Uid"].split()[1]), int(status["Gid"].split()[1])
def place(name):
    return next((n for n, word in enumerate(argv) if word.endswith(name)), None)
manage, gunicorn = place("manage.py"), place("gunicorn")
before = ""
if manage is not None:
    options = [word for word in argv if word.startswith("--settings=")]
    tail = [argv[manage], "shell", "--no-imports", *options, "--command"]
elif gunicorn is not None:
    before, tail = as_worker, argv[gunicorn + 1 :]
else:
    environment.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    before, tail = "import django; django.setup()\\n", []
def become(*words):
    directory = os.open(here / "cwd", os.O_PATH)
    os.setns(os.open(here / "ns/mnt", os.O_RDONLY), os.CLONE_NEWNS)
    os.fchdir(directory)
    os.umask(int(status["Umask"], 8))
    os.setgroups(groups)
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    os.execvpe(argv[0], [argv[0], *words], environment)
def leave_one_behind(name):
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(name)
    listener.listen()
    if child := os.fork():
        os.waitpid(child, 0)
        return
    session = os.getsid(0)
    os.setsid()
    if os.fork():
        os._exit(0)
    nothing = os.open("/dev/null", os.O_RDWR)
    for number in range(3):
        os.dup2(nothing, number)
    os.dup2(listener.fileno(), 3)
    os.closerange(4, 1024)
    alive = [session, int(here.name)]
    given = [alive, json.loads(libraries), before, tail, manage is not None]
    become("-c", serve, json.dumps(given))
def asked(name):
    wire = socket.socket(socket.AF_UNIX)
    try:
        wire.connect(name)
    except ConnectionRefusedError:
        leave_one_behind(name)
        wire.connect(name)
    peer = wire.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
    if struct.unpack("3i", peer)[1] != 0:  # root listened, before it became the service
        return
    socket.send_fds(wire, [b"!"], [1, 2])
    wire.sendall(code.encode())
    wire.shutdown(socket.SHUT_WR)
    if wire.recv(1):  # from here on the code may have run
        sys.exit(int(wire.recv(9) or 1))
started = (here / "stat").read_text().rpartition(")")[2].split()[19]
try:
    asked(f"\\0labkit-{here.name}-{started}")
except OSError:
    pass
if manage is not None:
    become(*tail, code)
become("-c", before + code, *tail)
"""

# The process that stays: file 3 listens for questions.
_SERVE = """
import contextlib, importlib, json, os, runpy, select, socket, struct, sys, traceback
alive, libraries, before, tail, manage = json.loads(sys.argv[1])
for name in libraries:
    with contextlib.suppress(Exception):
        importlib.import_module(name)
listener = socket.socket(fileno=3)
def answer(code):
    if manage:
        sys.argv = [*tail, code]
        sys.path[0] = os.path.dirname(os.path.abspath(tail[0]))
        runpy.run_path(tail[0], run_name="__main__")
    else:
        sys.argv = ["-c", *tail]
        exec(before + code, {"__name__": "__main__"})
def fork(files, code):
    if child := os.fork():
        return child
    status = 1
    try:
        for number, file in enumerate(files, 1):
            os.dup2(file, number)
        listener.close()
        answer(code)
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
        if status and not isinstance(end.code, int):
            print(end.code, file=sys.stderr)
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
        os._exit(status)
def goes_on(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
idle = 0
while idle < 30 and all(map(goes_on, alive)):
    idle += 1
    if not select.select([listener], [], [], 1)[0]:
        continue
    idle = 0
    wire = listener.accept()[0]
    with wire, contextlib.suppress(OSError):
        peer = wire.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
        if struct.unpack("3i", peer)[1] != 0:  # only root may ask
            continue
        files = socket.recv_fds(wire, 1, 2)[1]
        code = b"".join(iter(lambda: wire.recv(65536), b"")).decode()
        wire.sendall(b"!")
        child = fork(files, code)
        for file in files:
            os.close(file)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        wire.sendall(str(status if status >= 0 else 128 - status).encode())
"""

# What Gunicorn does before its workers answer, done by Gunicorn's own code, with the
# arguments that it was started with: its configuration may come from a file or the
# environment, and it changes directory, sys.path and os.environ. /proc shows none
# of this: a process's environ there is that of its start.
_AS_WORKER = """
import os, sys
from gunicorn.app.wsgiapp import WSGIApplication
server = WSGIApplication()
paths = (server.cfg.pythonpath or "").split(",")
sys.path[:0] = [os.path.abspath(path) for path in paths if path]
os.environ.update(server.cfg.env)
server.wsgi()
"""

# What a site imports, and what asks for no settings meanwhile.
_LIBRARIES = (
    *("gunicorn.app.wsgiapp", "django.core.handlers.wsgi", "django.core.management"),
    *("django.db.models", "django.db.backends.sqlite3.base"),
    *("django.db.backends.postgresql.base", "django.forms", "django.template"),
    *("django.contrib.auth", "django.contrib.sessions", "django.views.debug"),
    *("django.test", "django.utils.log"),
)


def run(host: Host, unit: str, program: str) -> CommandResult:
    """Run Python where a unit has its Django."""
    words = (_ENTER, unit, program, _AS_WORKER, _SERVE, json.dumps(_LIBRARIES))
    return host.run("python3 -c %s %s %s %s %s %s", *words)
