# SPDX-License-Identifier: BSD-3-Clause
"""Programs that are measured in turns: each receives from a port of net_pcap, whose file goes round, and sends to
net_null, with one worker on the last CPU.

All of them are started before, and stopped by SIGSTOP but for the one whose turn it is. burst_preload.c times
their bursts.
"""
import contextlib
import ctypes
import json
import mmap
import os
import pathlib
import signal
import subprocess
import time

from daemon import NEVER
from netns import die_with_parent
from paths import BUILD, TIDEGATED
from rpc import Rpc
from waiting import wait_until

PRELOAD = BUILD / "tests" / "bench" / "burst_preload.so"
CLASSES, CLASS_NS = 10000, 50  # of burst_times.h
NO_BOUND = 2**64 - 1
HUGEPAGES = "BENCH_HUGEPAGES" in os.environ  # that scripts/bench has reserved
BUFFER_BYTES = 4352  # of a packet buffer, without hugepages: a page, and what the pool and the allocator add
START_SECONDS = 120
CPUS = os.sched_getaffinity(0)
WORKER_CPU = max(CPUS)
OTHER_CPUS = CPUS - {WORKER_CPU}


class Block(ctypes.Structure):
    """struct burst_block of burst_times.h."""
    _fields_ = [("classes", ctypes.c_uint32 * CLASSES), ("bursts", ctypes.c_uint64), ("interrupted", ctypes.c_uint64),
                ("packets", ctypes.c_uint64), ("ns", ctypes.c_double), ("worst", ctypes.c_double)]

    def quantile(self, share):
        """The time in ns that a share of the bursts does not exceed."""
        least, total = (self.bursts - self.interrupted) * share, 0
        for number, count in enumerate(self.classes):
            total += count
            if total >= least:
                return (number + 1) * CLASS_NS
        return CLASSES * CLASS_NS

    def rate(self):
        """Million packets a second."""
        return self.packets * 1e3 / self.ns


class Times(ctypes.Structure):
    """struct burst_times of burst_times.h."""
    _fields_ = [("blocks", ctypes.c_void_p), ("block_count", ctypes.c_uint32), ("tick_ns", ctypes.c_double),
                ("block", ctypes.c_uint32), ("seen", ctypes.c_uint32), ("received", ctypes.c_uint64),
                ("packets", ctypes.c_uint16), ("switches", ctypes.c_long)]


class State(ctypes.Structure):
    """struct state of burst_preload.c, without its blocks."""
    _fields_ = [("flows", ctypes.c_uint64), ("left", ctypes.c_uint64), ("opened", ctypes.c_bool), ("times", Times)]


def prepare():
    """In a child before exec. The process that measures keeps to OTHER_CPUS, its children do not have to."""
    die_with_parent()
    os.sched_setaffinity(0, CPUS)


class Traffic:
    """A file of traffic_file.py. opened: its flows, each of one packet, are to be established first. queues: how many
    the port has, each with the whole file."""

    def __init__(self, path, frames, opened, queues=1):
        self.path, self.frames, self.opened, self.buffers = path, frames, opened, frames * queues
        self.device = f"rx_pcap={path}," * queues + "infinite_rx=1"


class Subject:
    """A program under burst_preload.c. It makes itself a folder of its own in the one given."""

    def __init__(self, folder, name, traffic, blocks):
        self.name, self.traffic, self.blocks = name, traffic, blocks
        self.folder = pathlib.Path(folder) / name
        self.folder.mkdir()
        self.log, self.process, self.used = self.folder / "log", None, 0
        self.state_file = self.folder / "state"
        self.state_file.write_bytes(bytes(ctypes.sizeof(State) + blocks * ctypes.sizeof(Block)))
        with open(self.state_file, "r+b") as file:
            self.memory = mmap.mmap(file.fileno(), 0)
        self.state = State.from_buffer(self.memory)
        self.state.flows = traffic.frames if traffic.opened else 0
        self.state.left, self.state.times.block_count = NO_BOUND, blocks

    def spawn(self, arguments, **environment):
        environment = {**os.environ, "LD_PRELOAD": str(PRELOAD), "BURST_STATE": str(self.state_file), **environment}
        with open(self.log, "a", encoding="ascii") as log:
            self.process = subprocess.Popen(
                [str(argument) for argument in arguments], stdin=subprocess.PIPE, stdout=log, stderr=log,
                env=environment, cwd=self.folder, preexec_fn=prepare)

    def said(self):
        return f"{self.name}: {self.log.read_text()}"

    def is_opened(self):
        assert self.process.poll() is None, self.said()
        return self.state.opened

    def wait_opened(self):
        wait_until(self.is_opened, self.said, START_SECONDS)

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def next_block(self, packets=NO_BOUND):
        """Go on with it, and return it; with so many packets it is over when they have come."""
        self.used += 1
        assert self.used < self.blocks
        self.state.times.block = self.used
        self.state.left = packets
        wait_until(lambda: self.state.left == 0 if packets != NO_BOUND else self.state.times.seen == self.used,
                   self.said)
        return Block.from_buffer(self.memory, ctypes.sizeof(State) + self.used * ctypes.sizeof(Block))

    def spend(self, seconds):
        """The time of a block."""
        time.sleep(seconds)

    def block(self, seconds):
        self.resume()
        block = self.next_block()
        self.spend(seconds)
        self.pause()
        return block

    def check(self):
        """That it did what it was measured for. It is paused."""

    def memory_bytes(self):
        """What it holds of memory, but for its programs and libraries."""
        lines = pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(("RssAnon:", "RssShmem:")))

    def stop(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process.stdin.close()


class Tidegate(Subject):
    """The real daemon. config: keys of its configuration that are not as usual here."""
    ASKED_SECONDS = 0.01
    asked = False  # for its status, all the time
    drops = frozenset()  # the reasons that there are

    def __init__(self, folder, name, traffic, blocks, flows, **config):
        super().__init__(folder, name, traffic, blocks)
        self.flows, self.socket = flows, self.folder / "control.sock"
        # An eighth of the table is not for flows without answer, which they all are once.
        capacity = flows * 8 // 7 + 64
        self.config = {
            "ports": [{"name": "source", "device": f"net_pcap0,{traffic.device}"},
                      {"name": "sink", "device": "net_null0,no-rx=1"}],
            "worker_cpus": [WORKER_CPU], "flows_per_worker": capacity, "idle_timeouts": NEVER,
            "rules": [{"name": "everything", "action": "allow"}], "default_action": "drop",
            "memory": {"hugepages": True} if HUGEPAGES else self.usual_memory(traffic, flows),
            "socket_path": str(self.socket), "operations": {"directory": str(self.folder / "operations")}, **config}

    @staticmethod
    def usual_memory(traffic, flows):
        """Configuration of memory in pages of the usual size, which is held as it is touched."""
        return {"hugepages": False, "megabytes": (traffic.buffers * BUFFER_BYTES + flows * 1280) // 2**20 + 512}

    def start(self):
        file = self.folder / "tidegate.json"
        file.write_text(json.dumps(self.config))
        self.spawn([TIDEGATED, "-c", file], BURST_BUFFERS=str(self.traffic.buffers))
        self.wait_opened()
        wait_until(lambda: self.socket.exists(), self.said, START_SECONDS)
        if self.traffic.opened and self.config["flows_per_worker"] >= self.traffic.frames:
            wait_until(lambda: self.held() == self.traffic.frames, lambda: f"{self.held()} flows, {self.said()}")

    def spend(self, seconds):
        end = time.monotonic() + seconds
        while self.asked and time.monotonic() < end:
            self.held()
            time.sleep(self.ASKED_SECONDS)
        time.sleep(max(0, end - time.monotonic()))

    def begin_again(self):
        """A block in which all flows begin: none are there, and each has one packet."""
        self.resume()
        self.state.left = 0
        with Rpc(self.socket) as rpc:
            rpc.described(rpc.call("StartFlowFlush", FlowFilters=[{}])["FlowOperationId"], START_SECONDS)
        assert self.held() == 0
        block = self.next_block(self.traffic.frames)
        self.pause()
        return block

    def received_rate(self, seconds):
        """Million packets a second, of all workers."""
        self.resume()
        with Rpc(self.socket) as rpc:
            begin, before = time.monotonic(), self.received(rpc)
            time.sleep(seconds)
            rate = (self.received(rpc) - before) / (time.monotonic() - begin) / 1e6
        self.pause()
        return rate

    @staticmethod
    def received(rpc):
        return sum(port["RxPackets"] for port in rpc.status()["Ports"])

    def check(self):
        self.resume()
        with Rpc(self.socket) as rpc:
            drops = {reason for port in rpc.status()["Ports"] for reason, count in port["Drops"].items() if count}
        self.pause()
        assert drops == self.drops, drops

    def held(self):
        with Rpc(self.socket) as rpc:
            return sum(worker["FlowsIpv4"] + worker["FlowsIpv6"] for worker in rpc.status()["Workers"])


@contextlib.contextmanager
def running(*subjects):
    """Subjects that are stopped but for their turns, for the time of a with block."""
    try:
        for subject in subjects:
            subject.start()
            subject.pause()
        yield subjects
    finally:
        for subject in subjects:
            subject.stop()
