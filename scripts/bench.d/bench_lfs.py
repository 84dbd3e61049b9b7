"""`scripts/bench lfs`: Granary's LFS against nginx for the bytes, and giftless for the protocol."""

from lfs_batches import Batches
from lfs_bytes import Bytes
from lfs_memory import Memory
from lfs_stage import Options, Stage
from report import Report
from workspace import Workspace

PARTS = ["get", "put", "memory", "batch", "rows"]


def run(workspace: Workspace, options: Options) -> Report:
    """Measures the parts that were asked for."""
    stage = Stage(workspace, options)
    transfers, batches = Bytes(stage), Batches(stage)
    parts = {"get": transfers.get, "put": transfers.put, "memory": Memory(stage).measure,
             "batch": batches.batch, "rows": batches.rows}
    for name in options.parts:
        parts[name]()
    return stage.report
