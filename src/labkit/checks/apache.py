"""The board below Apache: the processes of mod_wsgi's daemon mode.

A lab's test file makes this the `service` of its checks, by a fixture of that name.
"""

import re

from testinfra.backend.base import CommandResult

from labkit.checks.service import Process, Service, State

# Asks Apache for its configuration as it reads it, finds the file that mod_wsgi loads
# for board.test, becomes one of the processes and runs a program on that Django.
_ENTER = """
import os, pathlib, pwd, re, shlex, shutil, subprocess, sys
program, *pids = sys.argv[1:]
if not shutil.which("apache2ctl") or not pids:
    sys.exit("Apache has no process of the site")
info = "LoadModule info_module /usr/lib/apache2/modules/mod_info.so"
argv = ["apache2ctl", "-C", info, "-t", "-D", "DUMP_CONFIG"]
dump = subprocess.run(argv, capture_output=True, text=True).stdout
whole, host = [], None
hosts = []
for line in dump.splitlines():
    line = line.strip()
    if line.startswith("<VirtualHost"):
        hosts.append(host := [])
    elif line.startswith("</VirtualHost"):
        host = None
    elif line and not line.startswith(("#", "<")):
        (whole if host is None else host).append(shlex.split(line))
named = [
    host for host in hosts
    if any(w[0].lower() in ("servername", "serveralias") and "board.test" in w[1:]
           for w in host)
]
every = [words for host in (*named, whole, *hosts) for words in host]
def first(name):
    return next((w[1:] for w in every if w[0].lower() == name), [])
alias = first("wsgiscriptalias") or first("wsgiscriptaliasmatch")
if len(alias) < 2:
    sys.exit("Apache's configuration names no file for mod_wsgi (WSGIScriptAlias)")
def options(words):
    return dict(word.split("=", 1) for word in words if "=" in word)
group = options(alias).get("process-group") or (first("wsgiprocessgroup") or [""])[0]
daemons = {w[1]: options(w[2:]) for w in every if w[0].lower() == "wsgidaemonprocess"}
daemon = daemons.get(group, {})
home = daemon.get("python-home") or (first("wsgipythonhome") or [""])[0]
paths = daemon.get("python-path") or (first("wsgipythonpath") or [""])[0]
places = [pathlib.Path("/proc", pid) for pid in pids]
user = daemon.get("user", "").removeprefix("#")
def owner(here):
    uid = here.stat().st_uid
    try:
        return {str(uid), pwd.getpwuid(uid).pw_name}
    except KeyError:
        return {str(uid)}
here = next((here for here in places if user in owner(here)), places[0])
status = dict(line.split(":", 1) for line in (here / "status").read_text().splitlines())
environment = dict(
    entry.split("=", 1) for entry in (here / "environ").read_text().split("\\0")[:-1]
)
python = home + "/bin/python" if home else "/usr/bin/python3"
load = f'''
import importlib.machinery, importlib.util, site, sys
paths = {[path for path in paths.split(":") if path]!r}
for path in paths:
    site.addsitedir(path)
sys.path[:0] = paths
loader = importlib.machinery.SourceFileLoader("labkit_wsgi", {alias[1]!r})
spec = importlib.util.spec_from_loader(loader.name, loader)
module = importlib.util.module_from_spec(spec)
sys.modules[loader.name] = module
loader.exec_module(module)
'''
os.chdir(daemon.get("home") or "/")
os.umask(int(status["Umask"], 8))
os.setgroups([int(group) for group in status["Groups"].split()])
gid, uid = int(status["Gid"].split()[1]), int(status["Uid"].split()[1])
os.setresgid(gid, gid, gid)
os.setresuid(uid, uid, uid)
environment |= {"PYTHONDONTWRITEBYTECODE": "1", "LABKIT_SCRIPT": alias[1]}
os.execve(python, [python, "-P", "-c", load + program], environment)
"""


class Apache(Service):
    """The unit apache2.service, and below it the processes that make the pages."""

    unit = "apache2.service"

    def account(self) -> str:
        """The user of Apache's own workers, by Apache's word."""
        said = self._host.run("apache2ctl -t -D DUMP_RUN_CFG").stdout
        found = re.search(r'^User: name="([^"]*)"', said, re.MULTILINE)
        return found[1] if found else ""

    def is_worker(self, process: Process) -> bool:
        """Whether it is one of Apache's own workers, which is embedded mode.

        A worker takes visitors in: it holds Apache's listening socket. mod_wsgi closes
        that in the processes of daemon mode.
        """
        said = self._host.check_output("ss -Hltnp")
        return f"pid={process.pid}," in said

    def look(self) -> State:
        """Look at the unit now. Of its processes, the site's: those of mod_wsgi's own
        user, or Apache's workers where it has none."""
        seen = super().look()
        below = [process for process in seen.processes if process.uid != 0]
        apaches = self.account()
        own = [process for process in below if process.account != apaches]
        return State(
            seen.state, seen.main, own or below, seen.listening, seen.last_words
        )

    def address(self) -> str:
        """Apache's port, also where nobody listens yet."""
        return "127.0.0.1:80"

    def script(self) -> str:
        """The path of the file that mod_wsgi loads for the site.

        Raises:
            Unable: when there is none, or it can't be loaded.
        """
        return str(self.ask("import os; answer = os.environ['LABKIT_SCRIPT']"))

    def _run(self, program: str) -> CommandResult:
        pids = [str(process.pid) for process in self.look().processes]
        marks = " ".join(["%s"] * len(pids))
        return self._host.run(f"python3 -c %s %s {marks}", _ENTER, program, *pids)
