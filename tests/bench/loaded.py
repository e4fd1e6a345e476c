# SPDX-License-Identifier: BSD-3-Clause
"""The real daemon under the load of load_preload.c, which both this process and it see the state of."""
import contextlib
import ctypes
import json
import mmap
import os
import pathlib
import subprocess
import tempfile

from daemon import NEVER
from netns import die_with_parent
from paths import BUILD, TIDEGATED
from rpc import Rpc
from subject import HUGEPAGES
from waiting import wait_until

PRELOAD = BUILD / "tests" / "bench" / "load_preload.so"
PORTS = [{"name": "left", "device": "net_null0,size=60"}, {"name": "right", "device": "net_null1,size=60"}]
QUEUES_MAX = 4


class Queue(ctypes.Structure):
    _fields_ = [*((name, ctypes.c_uint64) for name in ("opened", "packets", "lost", "interrupted")),
                ("rates", ctypes.c_uint64 * len(PORTS))]


class State(ctypes.Structure):
    """struct state of load_preload.c."""
    _fields_ = [("flows", ctypes.c_uint32), ("record_size", ctypes.c_uint32), ("rate", ctypes.c_uint64),
                ("queues", Queue * QUEUES_MAX)]


class Loaded:
    def __init__(self, folder, flows, cpus):
        # The others are the control thread's.
        self.cpus = cpus or [max(os.sched_getaffinity(0))]
        self.flows = flows * len(self.cpus)
        self.socket = folder / "control.sock"
        self.state_file = folder / "state"
        self.state_file.write_bytes(bytes(ctypes.sizeof(State)))
        with open(self.state_file, "r+b") as file:
            self.state = State.from_buffer(mmap.mmap(file.fileno(), ctypes.sizeof(State)))
        self.state.flows = flows
        self.config_file = folder / "tidegate.json"
        self.config_file.write_text(json.dumps({
            "ports": PORTS, "worker_cpus": self.cpus, "share_cpus": len(set(self.cpus)) < len(self.cpus),
            # Several workers' shares are by a hash.
            "flows_per_worker": flows if len(self.cpus) == 1 else flows * 9 // 8,
            # load_cycle.c leaves the IPv4 checksum out.
            "idle_timeouts": NEVER, "checks": {"ipv4_checksum": False}, "memory": {"hugepages": HUGEPAGES},
            "socket_path": str(self.socket), "operations": {"directory": str(folder / "operations")}}))
        self.log = folder / "stderr"

    def start(self):
        environment = {**os.environ, "LD_PRELOAD": str(PRELOAD), "LOAD_STATE": str(self.state_file)}
        with open(self.log, "w", encoding="ascii") as log:
            self.process = subprocess.Popen([TIDEGATED, "-c", self.config_file], stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log, env=environment, preexec_fn=die_with_parent)
        wait_until(self.opened, lambda: f"opened {self.total('opened')} flows; {self.log.read_text()}", 60)
        with self.rpc() as rpc:
            wait_until(lambda: self.held(rpc) >= self.flows,
                       lambda: f"{self.held(rpc)} flows in the tables", 120)

    def opened(self):
        assert self.process.poll() is None, self.log.read_text()
        return self.total("opened") == self.flows and self.socket.exists()

    def held(self, rpc):
        return sum(worker["FlowsIpv4"] for worker in rpc.status()["Workers"])

    def total(self, name):
        return sum(getattr(queue, name) for queue in self.state.queues)

    def set_rate(self, rate):
        """Packets a second by each port, 0: as many as the worker takes. Returns once it has them at this rate."""
        self.state.rate = rate
        seen = self.state.queues[:len(self.cpus)]
        wait_until(lambda: all(list(queue.rates) == [rate] * len(PORTS) for queue in seen),
                   lambda: f"at {[list(queue.rates) for queue in seen]} packets a second, not at {rate}")

    def rpc(self):
        return Rpc(self.socket)

    def memory(self, name):
        """VmRSS or VmHWM, bytes."""
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(name + ":"):
                return int(line.split()[1]) * 1024
        raise AssertionError(name)

    def forget_peak(self):
        pathlib.Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")


@contextlib.contextmanager
def loaded(flows, cpus=None):
    """A daemon with so many flows for each worker, which all have packets, for the time of a with block.

    cpus: of the workers; None: of one, the last. They take as many packets as they can.
    """
    with tempfile.TemporaryDirectory(prefix="tgt-load-") as folder:
        daemon = Loaded(pathlib.Path(folder), flows, cpus)
        try:
            daemon.start()
            yield daemon
            daemon.process.terminate()
            assert daemon.process.wait(30) == 0, daemon.log.read_text()
        finally:
            daemon.process.kill()
            daemon.process.wait()
