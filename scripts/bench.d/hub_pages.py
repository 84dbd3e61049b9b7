"""Pages that clients ask for most, against nginx with the same bytes in a file."""

from functools import partial

from granary import http_port
from hub_load import Client, Page, heads, offer, wrk
from hub_stage import Stage
from measure import Subject
from processes import Server
from report import Bar, Row

CONNECTIONS = [16, 64]
TREE_ENTRIES = 100


class Pages:
    """Information about a model, HEAD of a file, and a page of a folder with a hundred entries."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def measure(self) -> None:
        """Measures every page over every number of connections, with a token as clients send it, and without."""
        repository = self._stage.filled("pages", TREE_ENTRIES)
        bearer = {"Authorization": f"Bearer {self._stage.granary.token}"}
        wanted = [
            (Page("model info", "GET", f"/api/models/{repository}", bearer), Bar(at_most=6, aim=3)),
            (Page("resolve, HEAD", "HEAD", f"/{repository}/resolve/main/f00000/00000.txt", bearer), Bar(at_most=6, aim=3)),
            (Page("tree, 100 entries", "GET", f"/api/models/{repository}/tree/main/f00000", bearer), Bar(at_most=8, aim=4)),
        ]
        with Server(self._stage.granary.launch()) as server, self._stage.client(server) as client:
            static = [self._as_file(client, page, number) for number, (page, _) in enumerate(wanted)]
        for connections in CONNECTIONS:
            for (page, bar), file in zip(wanted, static, strict=True):
                self._compare(page, file, connections, bar)

    def _as_file(self, client: Client, page: Page, number: int) -> Page:
        """The page as nginx serves it."""
        path = offer(self._stage.nginx.files, f"page-{number}.json", client.send("GET", page.path))
        return Page(page.title, page.method, path, {})

    def _compare(self, page: Page, file: Page, connections: int, bar: Bar) -> None:
        hub, file_server = self._stage.hub, self._stage.file_server
        nobody = Page(page.title, page.method, page.path, {})
        title = f"{page.title}, {connections} connections"
        costs = self._stage.costs(title, [
            ("Granary", hub, partial(self._ask, hub, page, connections)),
            ("nginx", file_server, partial(self._ask, file_server, file, connections)),
            ("Granary, no token", hub, partial(self._ask, hub, nobody, connections)),
        ])
        add = self._stage.report.rows.append
        add(Row(f"{title}: CPU µs", costs["Granary"], "nginx", costs["nginx"], bar))
        add(Row(f"{title}, no token: CPU µs", costs["Granary, no token"], "nginx", costs["nginx"]))

    def _ask(self, subject: Subject, page: Page, connections: int, server: Server) -> int:
        port = http_port(server) if subject is self._stage.hub else server.port
        if page.method == "HEAD":
            return heads(port, page, connections, self._stage.options.seconds)
        return wrk(self._stage.workspace, port, page, connections, self._stage.options.seconds)
