"""Hugging Face's own client against the hub: a snapshot of many small files, and the memory after mixed load."""

import time

from granary import http_port
from hub_stage import Stage
from processes import PeakRSS, Server
from report import MIB, Bar, Row

CLIENT = "huggingface_hub==2.4.0"
SNAPSHOT_FILES = 500
# How often the mixed load begins anew.
LOAD = """
import os, sys, threading, time
from huggingface_hub import HfApi
api = HfApi(endpoint=os.environ["HF_ENDPOINT"], token=os.environ["HF_TOKEN"])
repository, end = sys.argv[1], time.monotonic() + float(sys.argv[2])
def read():
    while time.monotonic() < end:
        api.model_info(repository, files_metadata=True)
        list(api.list_repo_tree(repository, recursive=True))
        list(api.list_models(limit=50))
        api.list_repo_commits(repository)
def download():
    while time.monotonic() < end:
        api.snapshot_download(repository, force_download=True, cache_dir=os.environ["HF_HOME"] + "/load")
def write():
    number = 0
    while time.monotonic() < end:
        number += 1
        api.upload_file(path_or_fileobj=os.urandom(200_000), path_in_repo=f"w/{number % 20}.bin", repo_id=repository)
        api.upload_file(path_or_fileobj=str(number).encode(), path_in_repo=f"t/{number % 20}.txt", repo_id=repository)
threads = [threading.Thread(target=work) for work in (read, read, download, write)]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""
SNAPSHOT = """
import os, sys, tempfile
from huggingface_hub import snapshot_download
with tempfile.TemporaryDirectory() as cache: snapshot_download(sys.argv[1], cache_dir=cache)
"""


class Clients:
    """The Python client, in an environment of its own."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._python = stage.workspace.directory("client") / "bin" / "python"
        stage.workspace.run("python3", "-m", "venv", self._python.parent.parent)
        stage.workspace.run(self._python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", CLIENT)

    def _run(self, server: Server, program: str, *arguments: str) -> None:
        self._stage.workspace.run(
            self._python, "-W", "ignore", "-c", program, *arguments, timeout=7_200,
            environment={"HF_ENDPOINT": f"http://127.0.0.1:{http_port(server)}", "HF_TOKEN": self._stage.granary.token,
                         "HF_HOME": str(self._stage.workspace.directory("hf-home")), "HF_HUB_DISABLE_XET": "1",
                         "HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1"})

    def snapshot(self) -> None:
        """A download of five hundred small files: the server must wait for the client, not the client for the server."""
        repository = self._stage.filled("snapshot", SNAPSHOT_FILES, 50)
        best = (float("inf"), float("inf"))
        for _ in range(self._stage.options.rounds):
            with Server(self._stage.granary.launch()) as server:
                before, started = server.cpu_until_now(), time.perf_counter()
                self._run(server, SNAPSHOT, repository)
                wall, cpu = time.perf_counter() - started, server.cpu_until_now() - before
            best = min(best, (wall, cpu))
        add = self._stage.report.rows.append
        add(Row(f"snapshot of {SNAPSHOT_FILES} files: the server's share of the time", best[1] / best[0],
                bar=Bar(at_most=0.5, of_ratio=False)))
        add(Row(f"snapshot of {SNAPSHOT_FILES} files: wall s", best[0]))
        add(Row(f"snapshot of {SNAPSHOT_FILES} files: CPU s", best[1]))

    def memory(self) -> None:
        """Resident memory during mixed load: information, trees, lists, histories, downloads, uploads."""
        repository = self._stage.filled("load", SNAPSHOT_FILES, 50)
        with Server(self._stage.granary.launch()) as server, PeakRSS(server) as memory:
            self._run(server, LOAD, repository, str(self._stage.options.load_seconds))
            after = server.rss()
        add = self._stage.report.rows.append
        seconds = self._stage.options.load_seconds
        add(Row(f"mixed load, {seconds} s: MiB afterwards", after / MIB, bar=Bar(at_most=150, of_ratio=False)))
        add(Row(f"mixed load, {seconds} s: MiB at most", memory.peak / MIB))
