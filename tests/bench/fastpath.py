# SPDX-License-Identifier: BSD-3-Clause
"""The packet path of the real daemon, beside what the machine and its peers can do. Run it by scripts/bench."""
import argparse
import os
import pathlib
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "functional"))

from figures import Figures  # noqa: E402
import traffic_file  # noqa: E402
from subject import OTHER_CPUS, Testpmd, Tidegate, Traffic, running  # noqa: E402

ORDER = "ABBAA"  # the last is for the noise
BLOCK_SECONDS = 0.1
COUNTS = {"1k": 1000, "10k": 10000, "100k": 100000, "1m": 1000000}
IO_RATIO = {"10k": 0.45, "100k": 0.42, "1m": 0.42}
CYCLES_ABOVE_IO = {"10k": 85, "100k": 125, "1m": 130}


class Bench:
    def __init__(self, folder, figures, quick):
        self.folder, self.figures, self.quick = folder, figures, quick
        self.pairs = 5 if quick else 20
        self.sizes = ("10k", "100k") if quick else tuple(COUNTS)
        self.blocks = self.pairs * len(ORDER) + 8
        self.made = 0

    def traffic(self, kind, flows):
        path = self.folder / f"{kind}-{flows}.pcap"
        frames = traffic_file.write(kind, flows, path)
        return Traffic(path, frames, kind in traffic_file.SIZES)

    def testpmd(self, traffic):
        self.made += 1
        return Testpmd(self.folder, f"testpmd-{self.made}", traffic, self.blocks)

    def tidegate(self, traffic, flows, **config):
        self.made += 1
        return Tidegate(self.folder, f"tidegate-{self.made}", traffic, self.blocks, flows, **config)

    def compare(self, a, b):
        """The blocks of each pair, in ORDER."""
        with running(a, b):
            return [[self.block({"A": a, "B": b}[letter]) for letter in ORDER] for _ in range(self.pairs)]

    @staticmethod
    def block(subject):
        subject.resume()
        block = subject.next_block()
        time.sleep(BLOCK_SECONDS)
        subject.pause()
        return block

    def ratio(self, name, rows, bound=None):
        """Of B's throughput to A's, and both."""
        rates = [[block.rate() for block in row] for row in rows]
        a, b = ([(row[i] + row[j]) / 2 for row in rates] for i, j in ((0, 3), (1, 2)))
        self.figures.add(name + ".a", a, "Mpps")
        self.figures.add(name + ".b", b, "Mpps")
        self.figures.add(name, [two / one for one, two in zip(a, b)], "ratio", *((">=", bound) if bound else ()))
        self.figures.add(name + ".noise", [row[4] / row[3] for row in rates], "ratio")

    def cycles(self, name, rows, tick_ns, bound=None):
        """That B takes for a packet more than A."""
        cycles = [[block.ns / block.packets / tick_ns for block in row] for row in rows]
        self.figures.add(name, [(row[1] + row[2] - row[0] - row[3]) / 2 for row in cycles], "cycles",
                         *(("<=", bound) if bound else ()))


def beside_io(bench, size, kind="udp4"):
    """The ceiling, with a figure of the bursts' times beside it."""
    flows = COUNTS[size]
    traffic = bench.traffic(kind, flows)
    io, tidegate = bench.testpmd(traffic), bench.tidegate(traffic, flows)
    rows = bench.compare(io, tidegate)
    suffix = size if kind == "udp4" else kind
    bench.ratio("fastpath.io_ratio." + suffix, rows, IO_RATIO.get(suffix))
    bench.cycles("fastpath.cycles_above_io." + suffix, rows, tidegate.state.times.tick_ns, CYCLES_ABOVE_IO.get(suffix))
    if kind == "udp4":
        blocks = [block for row in rows for block in row[1:3]]
        for share, name in ((0.5, "p50"), (0.99, "p99"), (0.999, "p999")):
            bench.figures.add(f"fastpath.burst_{name}_us.{size}", [block.quantile(share) / 1e3 for block in blocks], "us")
        bench.figures.add(f"fastpath.burst_max_us.{size}", [block.worst / 1e3 for block in blocks], "us")
        bench.figures.add(f"fastpath.burst_p999.{size}",
                          [block.quantile(0.999) / block.quantile(0.5) for block in blocks], "of p50",
                          *(("<=", 4) if size == "1m" else ()))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json")
    options = parser.parse_args()
    figures = Figures(options.json)
    with tempfile.TemporaryDirectory(prefix="tgt-fastpath-") as folder:
        bench = Bench(pathlib.Path(folder), figures, options.quick)
        os.sched_setaffinity(0, OTHER_CPUS)
        for size in bench.sizes:
            beside_io(bench, size)
    figures.close()


if __name__ == "__main__":
    main()
