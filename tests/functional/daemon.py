# SPDX-License-Identifier: BSD-3-Clause
"""The real daemon, in the firewall's namespace, started, watched and stopped by the tests."""
import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

from netns import die_with_parent
from paths import TIDEGATE, TIDEGATED
from programs import run
from rpc import Rpc
from waiting import wait_until

START_SECONDS, STOP_SECONDS = 30, 15
LONG = 86400  # an idle timeout, seconds, that no test reaches

ARN = "arn:aws:network-firewall:eu-test-1:123456789012:firewall/tests"
ZONE = "eu-test-1a"
ENDPOINT = "vpce-0123456789abcdef0"
ASSOCIATION = "arn:aws:network-firewall:eu-test-1:123456789012:vpc-endpoint-association/tests"
NEVER = {name: LONG for name in ("tcp_new", "tcp_syn_received", "tcp_established", "tcp_closing",
                                 "tcp_time_wait", "tcp_closed", "udp_new", "udp_established", "sctp_new",
                                 "sctp_heartbeat", "sctp_established", "sctp_closing", "sctp_closed", "icmp",
                                 "other")}
# For crafted TCP frames, whose sequence numbers are all 0, and captures that begin amid connections.
LOOSE = {"tcp_tracking": "loose"}
NO_CHECKS = dict.fromkeys(("ipv4_checksum", "l4_checksum", "ipv4_options", "routing_header", "land", "loopback",
                           "martian", "icmp_state", "nd_hop_limit"), False)
VETH_PORTS = [{"name": "left", "device": "net_af_xdp0,iface=fw0"},
              {"name": "right", "device": "net_af_xdp1,iface=fw1"}]


class Daemon:
    """One configuration, and the process while it runs. before: a shell command that is run in its namespaces first."""

    def __init__(self, namespace, before="true", **config):
        self.before = before
        self.namespace = namespace
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tgt-"))
        self.socket = self.folder / "control.sock"
        self.config = {"firewall_arn": ARN, "availability_zone": ZONE, "vpc_endpoint_id": ENDPOINT,
                       "vpc_endpoint_association_arn": ASSOCIATION, "ports": VETH_PORTS,
                       "worker_cpus": [1], "flows_per_worker": 4096, "idle_timeouts": NEVER,
                       "memory": {"hugepages": False}, "socket_path": str(self.socket),
                       "operations": {"directory": str(self.folder / "operations")}, **config}
        self.config_file = self.folder / "tidegate.json"
        self.config_file.write_text(json.dumps(self.config, indent=1))
        self.log = self.folder / "stderr"
        self.process = None

    def start(self):
        """Start it, and return once it answers."""
        with open(self.log, "a") as log:
            self.process = subprocess.Popen(
                self.namespace.argv("sh", "-c", f'{self.before} && exec "$@"', "sh", TIDEGATED, "-c", self.config_file),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=die_with_parent)
        wait_until(self.answers, lambda: f"tidegated is not ready: {self.log.read_text()}", START_SECONDS)
        return self

    def answers(self):
        assert self.process.poll() is None, f"tidegated ended: {self.log.read_text()}"
        try:
            with Rpc(self.socket) as rpc:
                return rpc.status()
        except (FileNotFoundError, ConnectionRefusedError):
            return None

    def rpc(self):
        return Rpc(self.socket)

    def terminate(self):
        """SIGTERM: it has to exit with 0 and to leave nothing behind."""
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(STOP_SECONDS)
        assert code == 0, f"exit code {code}: {self.log.read_text()}"
        assert not os.path.lexists(self.socket), "the socket is still there"
        assert self.namespace.xdp_programs() == {}
        self.process = None

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process = None

    def remove(self):
        if self.process is not None:
            self.kill()
        shutil.rmtree(self.folder)

    def client(self, *arguments):
        """Run the tidegate command on this daemon's socket."""
        return run(TIDEGATE, "--socket", self.socket, *arguments)


@contextlib.contextmanager
def running(topology, **config):
    """A daemon for the time of a with block, which has to stop cleanly at its end."""
    daemon = Daemon(topology.firewall, **config)
    try:
        yield daemon.start()
        if daemon.process is not None:
            daemon.terminate()
    finally:
        daemon.remove()
