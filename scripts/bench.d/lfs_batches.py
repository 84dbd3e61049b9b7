"""The cost of the batch API, with few and with many objects in a repository."""

from functools import partial

from granary import Granary
from lfs_client import HTTP, LFSObject, invented_entries
from lfs_peers import Giftless
from lfs_rows import fill
from lfs_stage import REPOSITORY, Side, Stage
from measure import Subject, Work, in_turns
from processes import Server
from report import Bar, Row, scaled

BATCH_OBJECTS = 100
SMALL_BYTES = 1000
FEW_ROWS = 10_000


class Batches:
    """Batches of many objects over one connection that is kept alive."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def batch(self) -> None:
        """Batches over one connection: of objects that nobody has, and of objects that are there."""
        stored = self._stored_objects()
        for title, work in (("upload", self._upload_batches), ("download", partial(self._download_batches, stored))):
            subjects = [(side.subject, partial(work, side)) for side in self._stage.hubs]
            series = in_turns(self._stage.options.rounds, subjects)
            self._stage.report.rounds[f"batch, {title}"] = series.record()
            per_batch = 1000 / self._stage.options.requests
            self._stage.add(f"batch of {BATCH_OBJECTS}, {title}: CPU ms", series.cpu, Giftless.name, per_batch,
                            Bar(at_most=5, of_ratio=False))
            self._stage.add(f"batch of {BATCH_OBJECTS}, {title}: wall ms", series.wall, Giftless.name, per_batch)

    def _stored_objects(self) -> list[LFSObject]:
        """Small objects that every hub has."""
        items = [self._stage.object(f"small-{index}", SMALL_BYTES, 10_000 + index) for index in range(BATCH_OBJECTS)]
        for side in self._stage.hubs:
            with Server(side.subject.launch()) as server:
                for item in items:
                    side.upload(item, server)
        return items

    def _upload_batches(self, side: Side, server: Server) -> None:
        assert side.client is not None
        client = side.client(server)
        with HTTP(client.port) as http:
            for _ in range(self._stage.options.requests):
                client.batch(http, "upload", invented_entries(BATCH_OBJECTS))

    def _download_batches(self, items: list[LFSObject], side: Side, server: Server) -> None:
        assert side.client is not None
        client = side.client(server)
        entries = [item.entry for item in items]
        with HTTP(client.port) as http:
            for _ in range(self._stage.options.requests):
                client.batch(http, "download", entries)

    def rows(self) -> None:
        """The same batches with few and with many objects in the repository."""
        if self._stage.granary is None or self._stage.hub is None:
            return
        works: dict[str, Work] = {
            "upload": partial(self._upload_batches, self._stage.hub),
            "download": partial(self._download_batches, self._stored_objects(), self._stage.hub),
        }
        granary, subject = self._stage.granary, self._stage.hub.subject
        few = self._costs_with_rows(granary, subject, works, FEW_ROWS)
        many = self._costs_with_rows(granary, subject, works, self._stage.options.rows)
        for title in works:
            self._stage.report.rows.append(
                Row(f"batch of {BATCH_OBJECTS}, {title}, {self._stage.options.rows:,} rows: CPU ms", many[title],
                    f"Granary, {FEW_ROWS:,} rows", few[title], Bar(at_most=1.5)))

    def _costs_with_rows(
        self, granary: Granary, subject: Subject, works: dict[str, Work], rows: int
    ) -> dict[str, float | None]:
        fill(granary.data, REPOSITORY, rows)
        costs = {}
        for title, work in works.items():
            series = in_turns(self._stage.options.rounds, [(subject, work)])
            self._stage.report.rounds[f"batch, {title}, {rows} rows"] = series.record()
            costs[title] = scaled(series.cpu(subject.name), 1000 / self._stage.options.requests)
        return costs
