"""A Git LFS client that costs little, so that the machine is left to the server."""

import base64
import hashlib
import http.client
import json
import random
import secrets
import urllib.parse
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from processes import BenchError

MEDIA_TYPE = "application/vnd.git-lfs+json"
BUFFER_BYTES = 1 << 20
TIMEOUT_SECONDS = 300


@dataclass(frozen=True)
class LFSObject:
    """An object, and the file that has its bytes."""

    oid: str
    size: int
    path: Path

    @property
    def entry(self) -> dict[str, Any]:
        """How a batch names it."""
        return {"oid": self.oid, "size": self.size}


def make_object(path: Path, size: int, seed: int, *, repeats: bool = True, period: int = 1 << 62) -> LFSObject:
    """Writes a file that differs for each seed.

    Its blocks are the same, which is fast; or else others, beginning anew after `period` bytes.
    """
    numbers, block = random.Random(seed), b""
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for start in range(0, size, BUFFER_BYTES):
            if start % period == 0:
                numbers = random.Random(seed)
            if start == 0 or not repeats:
                block = numbers.randbytes(BUFFER_BYTES)
            piece = memoryview(block)[:size - start]
            file.write(piece)
            digest.update(piece)
    return LFSObject(digest.hexdigest(), size, path)


def invented_entries(count: int) -> list[dict[str, Any]]:
    """Entries of objects that nobody has."""
    return [{"oid": secrets.token_hex(32), "size": 1 << 20} for _ in range(count)]


def basic(user: str, password: str) -> str:
    """The value of `Authorization`."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode("ascii")


class HTTP:
    """One connection to 127.0.0.1, kept alive; leaving its `with` block closes it."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)

    def __enter__(self) -> "HTTP":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def download(self, target: str, headers: dict[str, str], size: int) -> None:
        """GETs a body and counts it."""
        self._connection.request("GET", target, headers=headers)
        response = self._connection.getresponse()
        buffer = bytearray(BUFFER_BYTES)
        received = 0
        while count := response.readinto(buffer):
            received += count
        if response.status != 200 or received != size:
            raise BenchError(f"GET answered {response.status} with {received} of {size} bytes: {bytes(buffer[:500])!r}")

    def get(self, target: str, headers: dict[str, str]) -> bytes:
        """GETs a short body."""
        self._connection.request("GET", target, headers=headers)
        return self._finish("GET")

    def head(self, target: str, headers: dict[str, str]) -> http.client.HTTPMessage:
        """The fields of an answer."""
        self._connection.request("HEAD", target, headers=headers)
        response = self._connection.getresponse()
        response.read()
        return response.headers

    def upload(self, target: str, headers: dict[str, str], file: Path, size: int) -> None:
        """PUTs a file."""
        self._connection.putrequest("PUT", target, skip_accept_encoding=True)
        for name, value in (headers | {"Content-Length": str(size)}).items():
            self._connection.putheader(name, value)
        self._connection.endheaders()
        # A server that refuses answers before it has everything, and its answer says why.
        with file.open("rb") as body, suppress(ConnectionError):
            self._connection.sock.sendfile(body)
        self._finish("PUT")

    def post(self, target: str, headers: dict[str, str], document: Any) -> Any:
        """POSTs JSON and gives back the answer's; None when there is none."""
        body = json.dumps(document).encode()
        self._connection.request("POST", target, body, {"Accept": MEDIA_TYPE, "Content-Type": MEDIA_TYPE} | headers)
        answer = self._finish("POST")
        return json.loads(answer) if answer else None

    def _finish(self, method: str) -> bytes:
        try:
            response = self._connection.getresponse()
            answer = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise BenchError(f"{method} got no answer: {error!r}") from error
        if response.status not in range(200, 300):
            raise BenchError(f"{method} answered {response.status}: {answer[:500]!r}")
        return answer


class LFSClient:
    """Batch, download and upload as git-lfs does them."""

    def __init__(self, port: int, endpoint: str, authorization: str | None) -> None:
        self.port = port
        self._endpoint = endpoint
        self._headers = {"Authorization": authorization} if authorization else {}

    def batch(self, http: HTTP, operation: str, entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The answer's objects; an object with an error ends the benchmark."""
        request = {"operation": operation, "transfers": ["basic"], "objects": entries, "hash_algo": "sha256"}
        objects: list[dict[str, Any]] = http.post(f"{self._endpoint}/objects/batch", self._headers, request)["objects"]
        errors = [item["error"] for item in objects if "error" in item]
        if len(objects) != len(entries) or errors:
            raise BenchError(f"batch {operation} answered {len(objects)} objects and the errors {errors[:3]}")
        return objects

    def download(self, item: LFSObject) -> None:
        """Downloads one object."""
        with HTTP(self.port) as http:
            action = self._actions(http, "download", item)["download"]
            http.download(target(action), action.get("header", {}), item.size)

    def upload(self, item: LFSObject) -> None:
        """Uploads one object and has it verified; nothing happens when the server has it."""
        with HTTP(self.port) as http:
            actions = self._actions(http, "upload", item)
            if "upload" in actions:
                headers = {"Content-Type": "application/octet-stream"} | actions["upload"].get("header", {})
                http.upload(target(actions["upload"]), headers, item.path, item.size)
            if "verify" in actions:
                http.post(target(actions["verify"]), self._headers | actions["verify"].get("header", {}), item.entry)

    def _actions(self, http: HTTP, operation: str, item: LFSObject) -> dict[str, Any]:
        actions: dict[str, Any] = self.batch(http, operation, [item.entry])[0].get("actions", {})
        return actions


def target(action: dict[str, Any]) -> str:
    """Path and query of an action's URL."""
    parts = urllib.parse.urlsplit(str(action["href"]))
    return parts.path + (f"?{parts.query}" if parts.query else "")
