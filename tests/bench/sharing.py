# SPDX-License-Identifier: BSD-3-Clause
"""Captures of four million flows in four workers that share two CPUs, which have as many packets as they can take.

What the capture lists is checked flow by flow, and what the workers forward against what the ports' generator
has sent. The control thread and the clients have no CPU of their own here. Run it by scripts/bench.
"""
import argparse
import ipaddress
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "functional"))

from figures import Figures  # noqa: E402
from loaded import loaded  # noqa: E402
from operations import FLOWS, capture, rates  # noqa: E402
from paths import TIDEGATE  # noqa: E402
from waiting import wait_until  # noqa: E402

WORKERS_A_CPU = 2
NETWORK = int(ipaddress.ip_address("10.0.0.0"))  # the flows' sources are this + number, as in load_cycle.c


def list_once(daemon, operation):
    """Every flow is in the result, and no flow twice."""
    seen = bytearray(daemon.flows)
    with subprocess.Popen([TIDEGATE, "--socket", daemon.socket, "export", operation, "--format", "csv"],
                          stdout=subprocess.PIPE, text=True) as client:
        source = next(client.stdout).split(",").index("source")
        for line in client.stdout:
            first, second, third, fourth = map(int, line.split(",")[source].split("."))
            number = (first << 24 | second << 16 | third << 8 | fourth) - NETWORK
            assert not seen[number], f"flow {number} is listed twice"
            seen[number] = 1
    assert client.returncode == 0 and sum(seen) == daemon.flows


def lost(daemon, rpc):
    """Packets that the generator has sent and the ports have not, once the workers are through."""
    daemon.state.rate = 1

    def counts():
        ports = rpc.status()["Ports"]
        return (daemon.total("packets"), sum(port["TxPackets"] for port in ports),
                sum(sum(port["Drops"].values()) for port in ports))

    def through():
        packets, sent, dropped = counts()
        return packets == sent + dropped
    wait_until(through, lambda: f"sent by the generator, by the ports, dropped: {counts()}")
    packets, sent, _ = counts()
    return packets - sent


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json")
    options = parser.parse_args()
    figures = Figures(options.json)
    cpus = sorted(os.sched_getaffinity(0))
    cpus = WORKERS_A_CPU * [cpus[0], cpus[-1]]
    with loaded(FLOWS, cpus) as daemon, daemon.rpc() as rpc:
        quiet = rates(daemon, 2)
        durable, ratios = [], []
        for _ in range(3 if options.quick else 10):
            packets = daemon.total("packets")
            passed, description = capture(rpc, daemon.flows)
            ratios.append((daemon.total("packets") - packets) * 1e3 / passed / quiet)
            assert all(worker["CoveragePercent"] == 100 for worker in description["Progress"])
            durable.append(passed)
        list_once(daemon, description["FlowOperationId"])
        figures.add("sharing.mpps", [quiet / 1e6], "Mpps")
        figures.add("sharing.durable_ms.4m", durable, "ms")
        figures.add("sharing.operation_ratio.4m", ratios, "ratio")
        figures.add("sharing.flows_missing.4m", [daemon.flows - description["FlowCount"]], "flows", "<=", 0)
        figures.add("sharing.lost_packets.4m", [lost(daemon, rpc)], "packets", "<=", 0)
    figures.close()


if __name__ == "__main__":
    main()
