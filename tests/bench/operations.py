# SPDX-License-Identifier: BSD-3-Clause
"""Captures of a million flows of the real daemon under full load, from request to result.

The daemon's ports make packets of all flows (load_preload.c). This process and the clients that it starts keep
off the CPU of a single worker, as the control thread does. Run it by scripts/bench.
"""
import argparse
import contextlib
import os
import pathlib
import statistics
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "functional"))

from figures import Figures  # noqa: E402
from loaded import loaded  # noqa: E402
from paths import TIDEGATE  # noqa: E402

MATCHES = 100
FLOWS = 1000036  # from 10.0.0.0 on, so that the last /24 of their addresses has MATCHES of them
POLL_SECONDS = 0.002
FINISH_SECONDS = 60  # of a capture, at most
STATUS_SECONDS = 0.005
LEAST_RATE = 10000  # packets a second by each port


def milliseconds(begin):
    return (time.monotonic() - begin) * 1e3


def finish(rpc, operation):
    """Wait until it has ended, which is when its result is durable."""
    description = rpc.described(operation, FINISH_SECONDS, POLL_SECONDS)
    assert description["FlowOperationStatus"] == "COMPLETED", description
    return description


def capture(rpc, least, filters=({},)):
    """(milliseconds until the result was durable, description). least: flows that it has to have."""
    begin = time.monotonic()
    started = rpc.call("StartFlowCapture", FlowFilters=list(filters), TimeBoxMilliseconds=FINISH_SECONDS * 1000)
    description = finish(rpc, started["FlowOperationId"])
    passed = milliseconds(begin)
    assert description["FlowCount"] >= least, description
    return passed, {**description, **started}


@contextlib.contextmanager
def asking(daemon):
    """GetStatus all the time for the time of a with block: the answers' times."""
    times, over = [], threading.Event()

    def ask():
        with daemon.rpc() as rpc:
            while not over.wait(STATUS_SECONDS):
                begin = time.monotonic()
                rpc.status()
                times.append(milliseconds(begin))
    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield times
    finally:
        over.set()
        thread.join()


def read(daemon, operation, flows):
    """Milliseconds that the client takes to print a result, a line a flow."""
    with subprocess.Popen(["wc", "-l"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as counter:
        begin = time.monotonic()
        subprocess.run([TIDEGATE, "--socket", daemon.socket, "--output", "ndjson", "list-flow-operation-results",
                        "--flow-operation-id", operation], stdout=counter.stdin, check=True, timeout=FINISH_SECONDS)
        passed = milliseconds(begin)
        assert int(counter.communicate(timeout=FINISH_SECONDS)[0]) == flows
    return passed


def rates(daemon, seconds):
    """Packets a second."""
    before, begin = daemon.total("packets"), time.monotonic()
    time.sleep(seconds)
    return (daemon.total("packets") - before) / (time.monotonic() - begin)


def everything(figures, daemon, rpc, rounds):
    """One after another, and then a few flows of them."""
    capture(rpc, FLOWS)  # what is touched for the first time
    durable, reading, memory, ratios = [], [], [], []
    with asking(daemon) as times:
        for _ in range(rounds):
            quiet = rates(daemon, 1)
            resident = daemon.memory("VmRSS")
            daemon.forget_peak()
            packets, begin = daemon.total("packets"), time.monotonic()
            passed, description = capture(rpc, FLOWS)
            ratios.append((daemon.total("packets") - packets) / (time.monotonic() - begin) / quiet)
            durable.append(passed)
            memory.append((daemon.memory("VmHWM") - resident) / (FLOWS * daemon.state.record_size))
            reading.append(read(daemon, description["FlowOperationId"], FLOWS))
    figures.add("capture.durable_ms.1m", durable, "ms", "<=", 1000)
    figures.add("capture.operation_ratio.1m", ratios, "ratio")
    figures.add("capture.read_ms.1m", reading, "ms", "<=", 2000)
    figures.add("capture.status_p99_ms.1m", [statistics.quantiles(times, n=100)[98]], "ms", "<=", 20)
    figures.add("capture.memory_ratio.1m", memory, "of the records", "<=", 2)


def filtered(figures, daemon, rounds):
    """By the client, from its start to its end, and what of that is the operation."""
    last = FLOWS - 1
    network = f"10.{last >> 16}.{last >> 8 & 255}.0/24"
    times, operations = [], []
    for _ in range(rounds):
        begin = time.monotonic()
        done = subprocess.run([TIDEGATE, "--socket", daemon.socket, "--output", "ndjson", "flows", f"src={network}"],
                              stdout=subprocess.PIPE, check=True, timeout=FINISH_SECONDS)
        times.append(milliseconds(begin))
        assert done.stdout.count(b"\n") == MATCHES
        with daemon.rpc() as rpc:
            newest = rpc.call("ListFlowOperations", MaxResults=1)["FlowOperations"][0]["FlowOperationId"]
            operations.append(finish(rpc, newest)["ElapsedMilliseconds"])
    figures.add("capture.filtered_ms.1m", times, "ms", "<=", 150)
    figures.add("capture.filtered_operation_ms.1m", operations, "ms")


def leaks(figures, daemon, rpc):
    """The allocator's arenas grow with the first captures, to what they need."""
    captures, settled = 20, 10
    resident = []
    for _ in range(captures):
        capture(rpc, FLOWS)
        resident.append(daemon.memory("VmRSS"))
    figures.add("capture.leak_kb_each.1m", [(resident[-1] - resident[settled - 1]) / 1024 / (captures - settled)],
                "kB", "<=", 64)


def copy_memory(seconds):
    """What a capture is to the other CPU, without the capture."""
    source, begin = bytearray(64 << 20), time.monotonic()
    while time.monotonic() < begin + seconds:
        bytes(source)


def lost(daemon, rpc):
    """(packets lost, packets) of a second with a capture, or, without rpc, with another task of such a length."""
    before, packets, begin = daemon.total("lost"), daemon.total("packets"), time.monotonic()
    if rpc is not None:
        capture(rpc, FLOWS)
    else:
        copy_memory(0.5)
    time.sleep(max(0, begin + 1 - time.monotonic()))
    return daemon.total("lost") - before, daemon.total("packets") - packets


def no_drop_rate(daemon):
    """The highest rate, by each port, of those a tenth apart, at which three seconds lose nothing; None without one."""
    rate = rates(daemon, 2) / 2
    while rate > LEAST_RATE:
        rate *= 0.9
        daemon.set_rate(int(rate))
        if all(lost(daemon, None)[0] == 0 for _ in range(3)):
            return rate
    return None


def lost_at_80(figures, daemon, rpc, rounds):
    """Seconds with a capture and ones without, in turn.

    Not counted is what was lost while the kernel ran something else on the worker's CPU; what a hypervisor takes
    shows in both.
    """
    rate = no_drop_rate(daemon)
    if rate is None:
        sys.exit(f"{sys.argv[0]}: packets are lost at every rate, down to {LEAST_RATE} a second by each port")
    figures.add("capture.no_drop_mpps", [2 * rate / 1e6], "Mpps")
    daemon.set_rate(int(rate * 0.8))
    rows = [lost(daemon, rpc if number % 2 else None) for number in range(2 * rounds)]
    daemon.set_rate(0)
    for name, part in (("", rows[1::2]), (".noise", rows[::2])):
        figures.add("capture.lost_at_80" + name, [sum(row[0] for row in part) / sum(row[1] for row in part)], "share",
                    *(("<=", 0) if not name else ()))
        figures.add("capture.lost_at_80_seconds" + name, [sum(row[0] > 0 for row in part)], f"of {rounds}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json")
    options = parser.parse_args()
    cpus = os.sched_getaffinity(0)
    # Of a run that fails those figures are shown that there are.
    with contextlib.closing(Figures(options.json)) as figures, loaded(FLOWS) as daemon, daemon.rpc() as rpc:
        os.sched_setaffinity(0, cpus - set(daemon.cpus))
        everything(figures, daemon, rpc, 3 if options.quick else 10)
        filtered(figures, daemon, 9 if options.quick else 30)
        leaks(figures, daemon, rpc)
        lost_at_80(figures, daemon, rpc, 5 if options.quick else 30)


if __name__ == "__main__":
    main()
