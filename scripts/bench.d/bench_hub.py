"""`scripts/bench hub`: the hub's API against nginx, against itself with more to tell, and under Hugging Face's client."""

from hub_clients import Clients
from hub_growth import Growth
from hub_pages import Pages
from hub_stage import Options, Stage
from report import Report
from workspace import Workspace

PARTS = ["pages", "lists", "trees", "commits", "snapshot", "memory"]


def run(workspace: Workspace, options: Options) -> Report:
    """Measures the parts that were asked for."""
    stage = Stage(workspace, options)
    growth = Growth(stage)
    clients = Clients(stage) if {"snapshot", "memory"} & set(options.parts) else None
    parts = {"pages": Pages(stage).measure, "lists": growth.lists, "trees": growth.trees, "commits": growth.commits}
    if clients is not None:
        parts |= {"snapshot": clients.snapshot, "memory": clients.memory}
    for name in options.parts:
        parts[name]()
    return stage.report
