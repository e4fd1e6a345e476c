# SPDX-License-Identifier: BSD-3-Clause
"""The packet path of the real daemon, beside what the machine and its peers can do. Run it by scripts/bench."""
import argparse
import functools
import os
import pathlib
import signal
import sys
import tempfile

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS / "functional"), str(TESTS / "reference")]

import kernel  # noqa: E402
import traffic_file  # noqa: E402
from figures import Figures  # noqa: E402
from peers import OpenVswitch, Testpmd  # noqa: E402
from subject import CPUS, OTHER_CPUS, Tidegate, Traffic, running  # noqa: E402

ORDER = "ABBAA"  # the last is for the noise
BLOCK_SECONDS = 0.1
KERNEL_SECONDS = 0.3
COUNTS = {"1k": 1000, "10k": 10000, "100k": 100000, "1m": 1000000}
IO_RATIO = {"10k": 0.45, "100k": 0.42, "1m": 0.42}
CYCLES_ABOVE_IO = {"10k": 85, "100k": 125, "1m": 130}
OVS_RATIO = {"10k": 12, "100k": 9}
MEMORY = {4: 160, 6: 256}
EVERYTHING = {"name": "everything", "action": "allow"}


class Bench:
    def __init__(self, folder, figures, quick):
        self.folder, self.figures, self.quick = folder, figures, quick
        # Where a process has its memory moves its speed by some hundredths, so it is started more than once.
        self.starts, self.pairs, self.long_pairs = (1, 5, 2) if quick else (5, 5, 2)
        self.sizes = ("10k", "100k") if quick else tuple(COUNTS)
        self.largest = self.sizes[-1]
        self.blocks = self.pairs * len(ORDER) + 8
        self.made = 0
        self.tick_ns = None
        self.files = {}

    def traffic(self, kind, flows):
        if (kind, flows) not in self.files:
            path = self.folder / f"{kind}-{flows}.pcap"
            frames = traffic_file.write(kind, flows, path)
            self.files[kind, flows] = Traffic(path, frames, kind in traffic_file.SIZES)
        return self.files[kind, flows]

    def make(self, kind, traffic, *arguments, **options):
        """A subject with a name of its own; arguments: what it takes beside its traffic."""
        self.made += 1
        return kind(self.folder, f"{kind.__name__}-{self.made}", traffic, self.blocks, *arguments, **options)

    def tidegate(self, traffic, flows, **config):
        """What makes one."""
        return lambda: self.make(Tidegate, traffic, flows, **config)

    def compare(self, make_a, make_b, block_b=None):
        """The blocks of each pair, in ORDER, of subjects that are made anew for each start. block_b(b): makes those
        of B in another way, which takes longer."""
        rows, pairs = [], self.long_pairs if block_b else self.pairs
        for _ in range(self.starts):
            a, b = make_a(), make_b()
            make = {"A": lambda: a.block(BLOCK_SECONDS),
                    "B": lambda: block_b(b) if block_b else b.block(BLOCK_SECONDS)}
            with running(a, b):
                rows += [[make[letter]() for letter in ORDER] for _ in range(pairs)]
                a.check()
                b.check()
            self.tick_ns = b.state.times.tick_ns
        return rows

    def ratio(self, name, rows, relation=None, bound=None):
        """Of B's throughput to A's, and both."""
        self.ratio_of(name, [[block.rate() for block in row] for row in rows], relation, bound)

    def ratio_of(self, name, rates, relation=None, bound=None, unit="Mpps"):
        a, b = ([(row[i] + row[j]) / 2 for row in rates] for i, j in ((0, 3), (1, 2)))
        self.figures.add(name + ".a", a, unit)
        self.figures.add(name + ".b", b, unit)
        self.figures.add(name, [two / one for one, two in zip(a, b)], "ratio", relation, bound)
        self.figures.add(name + ".noise", [row[4] / row[3] for row in rates], "ratio")


def bounded(relation, bound):
    """The target as Figures.add() has it, or none."""
    return (relation, bound) if bound is not None else ()


def beside_io(bench, size, kind="udp4"):
    """The ceiling; and the times of the bursts."""
    flows = COUNTS[size]
    traffic = bench.traffic(kind, flows)
    rows = bench.compare(lambda: bench.make(Testpmd, traffic), bench.tidegate(traffic, flows))
    name = size if kind == "udp4" else kind
    bench.ratio("fastpath.io_ratio." + name, rows, *bounded(">=", IO_RATIO.get(name)))
    cycles = [[block.ns / block.packets / bench.tick_ns for block in row] for row in rows]
    bench.figures.add("fastpath.cycles." + name, [(row[1] + row[2]) / 2 for row in cycles], "cycles")
    bench.figures.add("fastpath.cycles_above_io." + name, [(row[1] + row[2] - row[0] - row[3]) / 2 for row in cycles],
                      "cycles", *bounded("<=", CYCLES_ABOVE_IO.get(name)))
    if kind == "udp4":
        burst_times(bench, name, rows)


def burst_times(bench, name, rows):
    """Of tidegate's bursts, and of testpmd's for what is the machine's."""
    for suffix, places in (("", (1, 2)), (".io", (0, 3))):
        blocks = [row[place] for row in rows for place in places]
        for quantile, share in (("p50", 0.5), ("p99", 0.99), ("p999", 0.999)):
            bench.figures.add(f"fastpath.burst_{quantile}_us.{name}{suffix}",
                              [block.quantile(share) / 1e3 for block in blocks], "us")
        bench.figures.add(f"fastpath.burst_max_us.{name}{suffix}", [block.worst / 1e3 for block in blocks], "us")
        bench.figures.add(f"fastpath.burst_p999.{name}{suffix}",
                          [block.quantile(0.999) / block.quantile(0.5) for block in blocks], "of p50",
                          *bounded("<=", 4 if name == "1m" and not suffix else None))


def beside_ovs(bench, size):
    flows = COUNTS[size]
    traffic = bench.traffic("udp4", flows)
    for name, way, bound in (("ovs_ratio", OpenVswitch.FIREWALL, OVS_RATIO[size]),
                             ("ovs_commit_ratio", OpenVswitch.COMMIT, None)):
        peer = functools.partial(bench.make, OpenVswitch, traffic, rules=way)
        rows = bench.compare(peer, bench.tidegate(traffic, flows))
        bench.ratio(f"fastpath.{name}.{size}", rows, *bounded(">=", bound))


def ipv6(bench, size):
    flows = COUNTS[size]
    a, b = (bench.tidegate(bench.traffic(kind, flows), flows) for kind in ("udp4", "udp6"))
    bench.ratio("fastpath.ipv6_ratio", bench.compare(a, b), ">=", 0.75)


def rules(bench, size):
    """The one that allows everything, alone and behind 29,999 others, for established flows."""
    flows = COUNTS[size]
    traffic = bench.traffic("udp4", flows)
    others = [{"name": f"other {number}", "action": "drop", "source": f"172.16.{number // 256}.{number % 256}",
               "destination_ports": 1 + number % 5000} for number in range(29999)]
    rows = bench.compare(bench.tidegate(traffic, flows),
                         bench.tidegate(traffic, flows, rules=[*others, EVERYTHING]))
    bench.ratio("fastpath.rules_ratio.30k", rows, ">=", 0.98)


def new_flows(bench, size):
    """New flows a second, beside packets a second of as many established ones."""
    flows = COUNTS[size]
    traffic = bench.traffic("udp4", flows)
    tidegate = bench.tidegate(traffic, flows)
    bench.ratio("fastpath.new_flow_ratio." + size, bench.compare(tidegate, tidegate, Tidegate.begin_again), ">=", 0.2)


def memory(bench, size):
    """What a daemon that holds flows has of memory, less what one without room for them has, each. In pages of the
    usual size: of hugepages a daemon holds all tables from the start on, also that of the other IP version."""
    flows = COUNTS[size]
    for version in (4, 6):
        traffic = bench.traffic(f"udp{version}", flows)
        usual = Tidegate.usual_memory(traffic, flows)
        makers = (bench.tidegate(traffic, flows, memory=usual),
                  bench.tidegate(traffic, flows, memory=usual, flows_per_worker=64))
        with running(*(make() for make in makers)) as (full, empty):
            value = (full.memory_bytes() - empty.memory_bytes()) / flows
        bench.figures.add(f"fastpath.memory_per_flow.ipv{version}", [value], "bytes", "<=", MEMORY[version])


def overhead(bench):
    """Connections that open and close, and amid them flows whose drops are events: without and with default timeouts,
    log of events, and someone who asks for the status a hundred times a second."""
    flows = COUNTS["10k"]
    traffic = bench.traffic("mix", flows)
    some = [{"name": "some", "action": "drop", "source": "10.0.0.0/24"}, EVERYTHING]
    log = bench.folder / "events"

    def make(asked, **config):
        tidegate = bench.tidegate(traffic, flows, rules=some, **config)()
        tidegate.asked = asked
        # Of a connection whose SYN is dropped, the others are no one's.
        tidegate.drops = {"rule", "tcp_state", "tcp_rst", "midstream"}
        return tidegate
    rows = bench.compare(lambda: make(False), lambda: make(True, idle_timeouts={}, event_log={"path": str(log)}))
    assert log.stat().st_size > 0
    rates = [[block.rate() for block in row] for row in rows]
    lost = [1 - (row[1] + row[2]) / (row[0] + row[3]) for row in rates]
    bench.figures.add("fastpath.overhead", lost, "share", "<=", 0.03)
    bench.figures.add("fastpath.overhead.noise", [1 - row[4] / row[3] for row in rates], "share")


def workers(bench, size):
    """One worker, and two with a file each; by what their ports count. Half of the packets are another worker's than
    the one that received them, since net_pcap has no RSS."""
    flows, seconds = COUNTS[size], 3 * BLOCK_SECONDS
    traffic = bench.traffic("udp4", flows)
    twice = Traffic(traffic.path, traffic.frames, True, queues=2)
    a, b = bench.tidegate(traffic, flows)(), bench.tidegate(twice, flows, worker_cpus=sorted(CPUS)[-2:])()
    with running(a, b):
        rates = [[{"A": a, "B": b}[letter].received_rate(seconds) for letter in ORDER] for _ in range(bench.pairs)]
    second = [(row[1] + row[2]) / (row[0] + row[3]) - 1 for row in rates]
    bench.figures.add("fastpath.workers_ratio.2", second, "of the first", ">=", 0.9)
    bench.figures.add("fastpath.workers_ratio.2.noise", [row[4] / row[3] for row in rates], "ratio")


def between_veths(bench, name, a, b):
    """Packets of 60 bytes, and a TCP connection."""
    traffic, ends = bench.traffic("udp4", COUNTS["1k"]), {"A": a, "B": b}
    udp, tcp = ([[measure(ends[letter]) for letter in ORDER] for _ in range(bench.starts * bench.long_pairs)]
                for measure in (lambda end: end.udp_rate(traffic, KERNEL_SECONDS), lambda end: end.tcp_rate()))
    bench.ratio_of(f"fastpath.{name}.udp", udp)
    bench.ratio_of(f"fastpath.{name}.tcp", tcp, unit="Gbit/s")


def beside_kernel(bench):
    """By AF_XDP, and the kernel's own forwarding with nftables."""
    with kernel.nftables() as a, kernel.tidegate() as b:
        between_veths(bench, "nft_ratio", a, b)


def busy_polling(bench):
    """AF_XDP without and with it, and then with interrupts put off, too."""
    with kernel.tidegate("waiting", ",busy_budget=0") as a, kernel.tidegate() as b:
        between_veths(bench, "busy_poll_ratio", a, b)
        b.put_off_interrupts()
        between_veths(bench, "busy_poll_put_off_ratio", a, b)


def everything(bench):
    for size in bench.sizes:
        beside_io(bench, size)
    for kind in ("udp6", "mix", "imix"):
        beside_io(bench, "10k", kind)
    for size in OVS_RATIO:
        beside_ovs(bench, size)
    ipv6(bench, "100k")
    rules(bench, "100k")
    new_flows(bench, bench.largest)
    memory(bench, bench.largest)
    overhead(bench)
    workers(bench, "10k")
    beside_kernel(bench)
    busy_polling(bench)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json")
    options = parser.parse_args()
    figures = Figures(options.json)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("terminated"))
    with tempfile.TemporaryDirectory(prefix="tgt-fastpath-") as folder:
        os.sched_setaffinity(0, OTHER_CPUS)
        everything(Bench(pathlib.Path(folder), figures, options.quick))
    figures.close()


if __name__ == "__main__":
    main()
