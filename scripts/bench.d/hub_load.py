"""Load on the hub: wrk for many connections, and a client for single requests."""

import contextlib
import http.client
import json
import re
import selectors
import socket
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from processes import BenchError
from workspace import Workspace


@dataclass(frozen=True)
class Page:
    """Something that is asked for again and again."""

    title: str
    method: str
    path: str
    headers: dict[str, str]


def wrk(workspace: Workspace, port: int, page: Page, connections: int, seconds: int) -> int:
    """Asks for a page over some connections for some seconds; how many answers came.

    wrk waits for an answer before it asks again, so the server is as busy as it can be.
    """
    script = workspace.path / "request.lua"
    headers = "".join(f"wrk.headers[{json.dumps(name)}] = {json.dumps(value)}\n" for name, value in page.headers.items())
    script.write_text(f"wrk.method = {json.dumps(page.method)}\n{headers}", encoding="utf-8")
    output = workspace.run("wrk", "--threads", "1", "--connections", str(connections), "--duration", f"{seconds}s",
                           "--script", script, f"http://127.0.0.1:{port}{page.path}")
    if wrong := re.search(r"Non-2xx or 3xx responses: (\d+)", output):
        raise BenchError(f"{page.title}: {wrong[1]} answers were refusals")
    found = re.search(r"(\d+) requests in", output)
    if found is None:
        raise BenchError(f"wrk said something else:\n{output}")
    return int(found[1])


def heads(port: int, page: Page, connections: int, seconds: int) -> int:
    """The same with HEAD, whose answers without a body wrk does not understand."""
    lines = [f"HEAD {page.path} HTTP/1.1", "Host: 127.0.0.1", *(f"{name}: {value}" for name, value in page.headers.items())]
    request = ("\r\n".join(lines) + "\r\n\r\n").encode()
    answers, end = 0, time.monotonic() + seconds
    with selectors.DefaultSelector() as selector:
        for _ in range(connections):
            ask(selector, socket.create_connection(("127.0.0.1", port)), request)
        while time.monotonic() < end:
            for key, _ in selector.select(1):
                selector.unregister(key.fileobj)
                head = read_head(key.fileobj)
                if head is None:
                    # Servers end a connection after a thousand requests or so.
                    key.fileobj.close()
                    ask(selector, socket.create_connection(("127.0.0.1", port)), request)
                    continue
                if not head.startswith(b"HTTP/1.1 200"):
                    raise BenchError(f"{page.title}: {head[:300]!r}")
                answers += 1
                ask(selector, key.fileobj, request)
        for key in list(selector.get_map().values()):
            key.fileobj.close()
    return answers


def ask(selector: selectors.BaseSelector, connection: Any, request: bytes) -> None:
    """Sends a request whose answer is waited for; one that cannot be sent is noticed when its answer is read."""
    with contextlib.suppress(OSError):
        connection.sendall(request)
    selector.register(connection, selectors.EVENT_READ)


def read_head(connection: Any) -> bytes | None:
    """The head of an answer; None when the connection has ended."""
    head = b""
    with contextlib.suppress(OSError):
        while not head.endswith(b"\r\n\r\n"):
            data = connection.recv(65536)
            if not data:
                return None
            head += data
        return head
    return None


class Client:
    """One connection to the hub, with a token."""

    def __init__(self, port: int, token: str | None) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def send(self, method: str, path: str, body: bytes | None = None, content_type: str = "application/json") -> bytes:
        """One request; a refusal ends the benchmark."""
        headers = self._headers | ({"Content-Type": content_type} if body is not None else {})
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        data = answer.read()
        if answer.status >= 400:
            raise BenchError(f"{method} {path}: {answer.status} {data[:300]!r}")
        return data

    def json(self, method: str, path: str, document: Any = None) -> Any:
        """One request with JSON, answered with JSON."""
        body = None if document is None else json.dumps(document).encode()
        return json.loads(self.send(method, path, body))

    def commit(self, repository: str, summary: str, files: dict[str, str]) -> None:
        """One commit of text files."""
        lines: list[dict[str, Any]] = [{"key": "header", "value": {"summary": summary, "description": ""}}]
        lines += [{"key": "file", "value": {"path": path, "content": text, "encoding": "utf-8"}}
                  for path, text in files.items()]
        body = "\n".join(json.dumps(line) for line in lines).encode()
        self.send("POST", f"/api/models/{repository}/commit/main", body, "application/x-ndjson")


def git_fill(workspace: Workspace, url: str, files: int, per_folder: int) -> None:
    """Pushes a history of one commit with many small files, `per_folder` in each folder."""
    work = workspace.directory(f"fill-{files}")
    workspace.run("git", "init", "--quiet", "--initial-branch=main", work)
    stream = work / "stream"
    with stream.open("w", encoding="ascii") as out:
        out.write("blob\nmark :1\ndata 6\nhello\n\n")
        out.write("commit refs/heads/main\ncommitter Bench <bench@example.org> 1700000000 +0000\ndata 5\nBench\n")
        for index in range(files):
            out.write(f"M 100644 :1 f{index // per_folder:05}/{index % per_folder:05}.txt\n")
    workspace.run("sh", "-c", f"git -C '{work}' fast-import --quiet --force < '{stream}'")
    workspace.run("git", "-C", work, "push", "--quiet", "--force", url, "main", timeout=1200)


def offer(files: Path, name: str, data: bytes) -> str:
    """Puts bytes where the file server finds them; the path in its URLs."""
    (files / name).write_bytes(data)
    return f"/{name}"
