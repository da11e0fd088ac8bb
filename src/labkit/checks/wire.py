"""An HTTP client for hostile requests: bytes on a socket, sent from the server itself.

curl mends what one asks of it; here a length may be a lie, a header may come twice,
and a client may hang up. The memory of who answers is measured on the way: all
processes that hold the listening socket, and their children.
"""

import json
from dataclasses import dataclass
from typing import Any

from testinfra.host import Host

# Prints one answer as JSON. The largest memory of a process since the request began
# is VmHWM, once a 5 in clear_refs has set it to what the process has now.
_ASK = """
import hashlib, http.client, json, pathlib, re, socket, subprocess, sys, time
asked = json.loads(sys.argv[1])
address, port = asked["address"], asked["port"]
def listening():
    said = subprocess.run(["ss", "-Hltnp", f"sport = :{port}"], capture_output=True)
    return {int(pid) for pid in re.findall(r"pid=(\\d+)", said.stdout.decode())} - {1}
def status(pid):
    try:
        lines = pathlib.Path("/proc", str(pid), "status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return {}
    return dict(line.split(":", 1) for line in lines if ":" in line)
def family():
    known = {int(p.name): status(p.name) for p in pathlib.Path("/proc").glob("[0-9]*")}
    found, more = set(), listening()
    while more:
        found |= more
        more = {
            pid for pid, seen in known.items() if int(seen.get("PPid", 0)) in found
        } - found
    return found
def kilobytes(pid, name):
    return int(status(pid).get(name, "0 kB").split()[0])
before, peak = {}, 0
def begin():
    for pid in family():
        try:
            pathlib.Path("/proc", str(pid), "clear_refs").write_text("5")
        except OSError:
            pass
        before[pid] = kilobytes(pid, "VmHWM")
def measure():
    global peak
    least = min(before.values(), default=0)
    for pid in family():
        grown = kilobytes(pid, "VmHWM") - before.get(pid, least)
        peak = max(peak, grown)
if asked["measure"]:
    begin()
answer = dict(status=0, headers=[], length=0, digest="", text="", whole=False)
answer["error"] = ""
began = time.monotonic()
sock = None
try:
    sock = socket.create_connection((address, port), asked["patience"])
    sock.settimeout(asked["patience"])
    sock.sendall(asked["head"].encode("latin-1"))
    piece, left = bytes(range(256)) * 256, asked["body"]
    sent = hashlib.sha256()
    while left:
        if asked["measure"] and left <= len(piece):
            measure()
        part = piece[:min(left, len(piece))]
        sock.sendall(part)
        sent.update(part)
        left -= len(part)
    answer["sent"] = sent.hexdigest()
    if asked["hang_up_after"] == 0:
        sock.close()
    else:
        reply = http.client.HTTPResponse(sock, method=asked["method"])
        reply.begin()
        answer["status"], answer["headers"] = reply.status, reply.getheaders()
        got, first = hashlib.sha256(), b""
        answer["whole"] = True
        promised = reply.length
        while True:
            size = 65536 if asked["hang_up_after"] is None else 1000
            try:
                part = reply.read1(size)
            except http.client.IncompleteRead as error:
                part, answer["whole"] = error.partial, False
            if not part:
                break
            if asked["measure"] and not first:
                measure()
            answer["length"] += len(part)
            got.update(part)
            first = (first + part)[:65536]
            if not answer["whole"]:
                break
            if asked["hang_up_after"] and answer["length"] >= asked["hang_up_after"]:
                break
        if promised is not None and answer["length"] < promised:
            answer["whole"] = False
        answer["digest"], answer["text"] = got.hexdigest(), first.decode("latin-1")
        reply.close()
        sock.close()
except TimeoutError:
    answer["error"] = f"nothing for {asked['patience']} s"
    if sock is None:
        answer["error"] += ", not even a connection"
except http.client.RemoteDisconnected:
    answer["error"] = "the server closed the connection without a word"
except http.client.HTTPException as error:
    answer["error"] = f"what came is not HTTP: {type(error).__name__} {error}"
except ConnectionRefusedError:
    answer["error"] = "connection refused"
except OSError as error:
    answer["error"] = error.strerror or str(error)
if asked["measure"]:
    measure()
answer["seconds"] = time.monotonic() - began
print(json.dumps(answer | {"grown": peak}))
"""

# Prints who listens at which TCP port.
_LISTENERS = (
    "ss -Hltnp | sed -E 's/^\\S+ +\\S+ +\\S+ +(\\S+) .*\\(\\(\"([^\"]*).*/\\2 at \\1/'"
)


@dataclass(frozen=True)
class Answer:
    """An answer; status 0 stands for none, and `error` says what came in its place.

    `length` and `digest` are the body's, `text` the body's beginning, a letter for each
    byte; `whole` is false where less came than was announced. `sent` is the digest of
    the body that was sent, `grown` by how many kB of memory a process grew meanwhile.
    """

    status: int
    headers: list[tuple[str, str]]
    length: int
    digest: str
    text: str
    whole: bool
    error: str
    seconds: float
    grown: int
    sent: str = ""

    @property
    def utf8(self) -> str:
        """The body's beginning, read as UTF-8."""
        return self.text.encode("latin-1").decode(errors="replace")

    def values(self, name: str) -> list[str]:
        """The values of a header, one for each time that it came."""
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def value(self, name: str) -> str:
        """The value of a header, "" without it."""
        return ", ".join(self.values(name))

    def __str__(self) -> str:
        if not self.status:
            return f"no answer ({self.error})"
        return str(self.status) + (f", then {self.error}" if self.error else "")


class Wire:
    """A way to a server on `address` and `port`, as the lab server itself has it."""

    def __init__(self, host: Host, address: str, port: int) -> None:
        self._host, self._address, self._port = host, address, port

    def ask(
        self,
        target: str,
        *headers: str,
        method: str = "GET",
        body: int = 0,
        hang_up_after: int | None = None,
        measure: bool = False,
        patience: int = 10,
    ) -> Answer:
        """Send a request and read the answer.

        `headers` are whole lines; none but Host and Connection are added, so a length
        is announced only by you. `body` is how many bytes follow. The client hangs up
        after so many bytes of the answer, 0 being before any. `patience` is for how
        long nothing may come.
        """
        lines = [f"{method} {target} HTTP/1.1", f"Host: {self._address}:{self._port}"]
        lines += ["Connection: close", *headers, "", ""]
        asked = {
            "address": self._address,
            "port": self._port,
            "method": method,
            "head": "\r\n".join(lines),
            "body": body,
            "hang_up_after": hang_up_after,
            "measure": measure,
            "patience": patience,
        }
        said: dict[str, Any] = json.loads(
            self._host.check_output("python3 -c %s %s", _ASK, json.dumps(asked))
        )
        said["headers"] = [(name, value) for name, value in said["headers"]]
        return Answer(**said)

    def listeners(self) -> str:
        """Who listens at which port, sshd left out, in words."""
        lines = self._host.check_output(_LISTENERS).splitlines()
        found = sorted({line for line in lines if not line.startswith("sshd")})
        return ", ".join(found) or "no program but sshd"
