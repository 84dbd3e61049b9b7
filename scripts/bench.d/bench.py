"""The benchmarks' command line; `scripts/bench` starts it after installing what it needs."""

import argparse
import signal
import sys
from pathlib import Path

import bench_lfs
import bench_ssh
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
    return top


def run(arguments: argparse.Namespace, workspace: Workspace) -> Report:
    """Runs the benchmark that was asked for."""
    granary = None if arguments.peers_only else arguments.granary.resolve()
    if arguments.kind == "ssh":
        return bench_ssh.SSHBench(workspace, bench_ssh.Options(
            granary, arguments.size, arguments.rounds, arguments.connections, arguments.idle,
            arguments.only or bench_ssh.PARTS)).run()
    return bench_lfs.LFSBench(workspace, bench_lfs.Options(
        granary, arguments.size, arguments.rounds, arguments.requests, arguments.rows,
        arguments.only or bench_lfs.PARTS)).run()


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
