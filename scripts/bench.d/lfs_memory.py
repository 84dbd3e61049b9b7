"""Memory of transfers."""

import threading
from collections.abc import Callable
from functools import partial

from lfs_client import LFSObject
from lfs_peers import Nginx
from lfs_stage import Stage
from measure import Series
from processes import BenchError, Server
from report import MIB, Bar

PARALLEL = 8
SMALL_BYTES = 1000


class Memory:
    """What transfers add to the resident size of an idle server."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def measure(self) -> None:
        """Memory of one transfer and of several at once, over that of the idle server."""
        for count, limit in ((1, 16.0), (PARALLEL, 64.0)):
            size = self._stage.options.size // (1 if count == 1 else 4)
            items = [self._stage.object(f"memory-{index}", size, 1000 * count + index) for index in range(count)]
            for item in items:
                self._stage.nginx.offer(item)
            # Uploads first: they leave behind what the downloads need.
            for title, verb in (("PUT", "upload"), ("GET", "download")):
                series = self._series(verb, items, count)
                plural = "transfer" if count == 1 else "transfers"
                self._stage.report.rounds[f"{title}, {count} {plural}"] = series.record()
                self._stage.add(f"{title}, {count} {plural}: MiB over idle RSS", series.rss_over_idle, Nginx.name,
                                1 / MIB, Bar(at_most=limit, of_ratio=False))
            self._stage.forget(items)

    def _series(self, verb: str, items: list[LFSObject], count: int) -> Series:
        series = Series()
        for side in self._stage.files:
            small = self._stage.object("small", SMALL_BYTES, len(self._stage.report.rounds) + 7 * count)
            transfer = side.upload if verb == "upload" else side.download
            series.add(side.subject, partial(at_once, transfer, items), partial(side.upload, small))
            side.forget(small)
        return series


def at_once(transfer: Callable[[LFSObject, Server], None], items: list[LFSObject], server: Server) -> None:
    """Transfers all objects at the same time."""
    failures: list[BaseException] = []

    def run(item: LFSObject) -> None:
        try:
            transfer(item, server)
        except (BenchError, OSError) as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(item,)) for item in items]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise BenchError(f"{len(failures)} of {len(items)} transfers failed; the first: {failures[0]}")
