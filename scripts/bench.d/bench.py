"""The benchmarks' command line; `scripts/bench` starts it after installing what it needs."""

import argparse
import signal
import sys
from pathlib import Path

import bench_git
import bench_hub
import bench_lfs
import bench_ssh
import bench_xet
import hub_stage
import lfs_stage
from processes import BenchError
from report import GIB, MIB, Report
from workspace import Workspace

BUILD = Path(__file__).resolve().parent.parent.parent / ".build"


def byte_count(text: str) -> int:
    """A number of bytes such as 64MiB or 1GiB."""
    for unit, factor in (("GiB", GIB), ("MiB", MIB), ("", 1)):
        if text.endswith(unit) and text.removesuffix(unit).isdecimal():
            return int(text.removesuffix(unit)) * factor
    raise argparse.ArgumentTypeError("a size is bytes, or a number with MiB or GiB")


def parser() -> argparse.ArgumentParser:
    """What can be asked for."""
    top = argparse.ArgumentParser(prog="scripts/bench", description="Measures Granary against other servers.")
    kinds = top.add_subparsers(dest="kind", required=True)
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--granary", type=Path, metavar="FILE", help="the program; without it, it is built")
    common.add_argument("--peers-only", action="store_true", help="measure the peers, to check the benchmark itself")
    common.add_argument("--size", type=byte_count, default=GIB, help="bytes of the repository or object (1GiB)")
    common.add_argument("--rounds", type=int, default=3, help="rounds, of which the best counts (3)")
    common.add_argument("--output", type=Path, metavar="FILE", help="where the JSON goes (.build/bench-KIND.json)")
    ssh = kinds.add_parser("ssh", parents=[common], help="the SSH frontend against OpenSSH with git-shell")
    ssh.add_argument("--connections", type=int, default=50, help="connections per round (50)")
    ssh.add_argument("--idle", type=int, default=200, help="idle connections (200)")
    ssh.add_argument("--only", action="append", choices=bench_ssh.PARTS, help="a part; may be repeated")
    lfs = kinds.add_parser("lfs", parents=[common], help="LFS against nginx and giftless")
    lfs.add_argument("--requests", type=int, default=200, help="batches per round (200)")
    lfs.add_argument("--rows", type=int, default=1_000_000, help="objects in the large table (1000000)")
    lfs.add_argument("--only", action="append", choices=bench_lfs.PARTS, help="a part; may be repeated")
    hub = kinds.add_parser("hub", parents=[common], help="the hub's API against nginx and itself")
    hub.add_argument("--seconds", type=int, default=5, help="seconds of load in a round (5)")
    hub.add_argument("--repositories", type=int, default=50_000, help="repositories in the long list (50000)")
    hub.add_argument("--files", type=int, default=100_000, help="files in the large repository (100000)")
    hub.add_argument("--load-seconds", type=int, default=120, help="seconds of mixed load (120)")
    hub.add_argument("--only", action="append", choices=bench_hub.PARTS, help="a part; may be repeated")
    xet = kinds.add_parser("xet", parents=[common], help="large files by chunks against the same by LFS")
    xet.add_argument("--only", action="append", choices=bench_xet.PARTS, help="a part; may be repeated")
    git = kinds.add_parser("git", parents=[common], help="git over HTTP against git-http-backend")
    git.add_argument("--commits", type=int, default=5_000, help="commits of the history (5000)")
    git.add_argument("--refs", type=int, default=50_000, help="refs of the repository with many (50000)")
    git.add_argument("--only", action="append", choices=bench_git.PARTS, help="a part; may be repeated")
    return top


def run(arguments: argparse.Namespace, workspace: Workspace) -> Report:
    """Runs the benchmark that was asked for."""
    granary = None if arguments.peers_only else arguments.granary.resolve()
    if arguments.kind == "ssh":
        return bench_ssh.SSHBench(workspace, bench_ssh.Options(
            granary, arguments.size, arguments.rounds, arguments.connections, arguments.idle,
            arguments.only or bench_ssh.PARTS)).run()
    if arguments.kind == "git":
        return bench_git.GitBench(workspace, bench_git.Options(
            granary, arguments.rounds, arguments.commits, arguments.refs, arguments.size // 4,
            arguments.only or bench_git.PARTS)).run()
    if arguments.kind == "hub":
        if granary is None:
            raise BenchError("the hub has no peer that could be measured alone")
        return bench_hub.run(workspace, hub_stage.Options(
            granary, arguments.rounds, arguments.seconds, arguments.repositories, arguments.files,
            arguments.load_seconds, arguments.only or bench_hub.PARTS))
    if arguments.kind == "xet":
        if granary is None:
            raise BenchError("chunks have no peer that could be measured alone")
        return bench_xet.run(workspace, bench_xet.Options(
            granary, arguments.size, arguments.rounds, arguments.only or bench_xet.PARTS))
    return bench_lfs.run(workspace, lfs_stage.Options(
        granary, arguments.size, arguments.rounds, arguments.requests, arguments.rows,
        arguments.only or bench_lfs.PARTS))


def main() -> None:
    arguments = parser().parse_args()
    # SIGTERM unwinds like Ctrl-C, so that servers stop and the temporary directory goes.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with Workspace() as workspace:
            report = run(arguments, workspace)
    except BenchError as error:
        sys.exit(f"bench: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
    print(report.markdown())
    output = arguments.output or BUILD / f"bench-{arguments.kind}.json"
    output.parent.mkdir(exist_ok=True)
    report.write(output)


if __name__ == "__main__":
    main()
