# SPDX-License-Identifier: BSD-3-Clause
"""Firewalls between the ends of veth pairs: tidegate by AF_XDP, and the kernel as a router with nftables.

Each has three namespaces of its own. Who sends and who receives share the CPUs that are not the worker's; the
kernel's forwarding has that one, by RPS. Nothing is offloaded, so that every packet is one on its way.
"""
import contextlib
import json
import os
import subprocess

import conntrack
from daemon import VETH_PORTS, Daemon
from netns import Namespace, Topology
from paths import BUILD
from subject import CPUS, OTHER_CPUS, WORKER_CPU
from traffic_file import DESTINATION, ETHERNET
from waiting import wait_until

SEND_FILE = BUILD / "tests" / "bench" / "send_file"
TCP_SECONDS = 1


def mac(data):
    return data.hex(":")


def neighbor(namespace, address, link, interface):
    namespace.ip("neighbor", "replace", address, "lladdr", link, "dev", interface, "nud", "permanent")


class Firewall(Topology):
    """A topology with names of its own."""

    def __init__(self, name):
        super().__init__()
        self.left, self.right, self.firewall = (Namespace(f"{part}-{name}") for part in ("left", "right", "firewall"))
        self.sides = {"left": self.left, "right": self.right}

    def received(self):
        return json.loads(self.right.ip("-j", "-s", "link", "show", "right0"))[0]["stats64"]["rx"]["packets"]

    def udp_rate(self, traffic, seconds):
        """Million packets a second that arrive on the right."""
        before = self.received()
        self.left.run(SEND_FILE, "left0", traffic.path, str(int(seconds * 1000)))
        return (self.received() - before) / seconds / 1e6

    def put_off_interrupts(self):
        """So that busy polling takes over from them; as docs/configuration.md has it."""
        for end in self.FIREWALL_END.values():
            for name, value in (("napi_defer_hard_irqs", 2), ("gro_flush_timeout", 200000)):
                self.firewall.run("sh", "-c", f"echo {value} >/sys/class/net/{end}/{name}")

    def tcp_rate(self):
        """Gigabits a second of one connection."""
        with self.right.process("iperf3", "--server", "--one-off", stdout=subprocess.DEVNULL):
            wait_until(lambda: ":5201" in self.right.run("ss", "-Hltn"), "iperf3 does not listen")
            report = self.left.run("iperf3", "--client", self.IPV4["right"], "--time", str(TCP_SECONDS), "--json")
        return json.loads(report)["end"]["sum_received"]["bits_per_second"] / 1e9


class Nftables(Firewall):
    """Each end takes the router for the other one."""

    def lay(self):
        self.firewall.sysctl("net.ipv4.ip_forward", 1)
        self.firewall.sysctl("net.ipv4.conf.all.rp_filter", 0)
        ends = {"left": mac(ETHERNET[4][:6]), "right": "02:00:00:00:00:03"}
        for side, end in self.FIREWALL_END.items():
            self.firewall.ip("link", "set", end, "address", ends[side])
            self.firewall.sysctl(f"net.ipv4.conf.{end}.rp_filter", 0)
            self.spread(end)
            self.firewall.ip("route", "add", self.IPV4[side], "dev", end)
            neighbor(self.firewall, self.IPV4[side], self.MAC[side], end)
            neighbor(self.sides[side], self.IPV4[self.OTHER[side]], ends[side], side + "0")
        # Where the UDP packets go: no one's MAC address, as it is behind tidegate.
        there = ".".join(map(str, DESTINATION[4]))
        self.firewall.ip("route", "add", there, "dev", "fw1")
        neighbor(self.firewall, there, "02:00:00:00:00:99", "fw1")

    def spread(self, interface):
        """Have the worker's CPU forward what comes in by an interface of this namespace."""
        self.firewall.run("sh", "-c", f"echo {1 << WORKER_CPU:x} >/sys/class/net/{interface}/queues/rx-0/rps_cpus")


@contextlib.contextmanager
def nftables():
    """For the time of a with block."""
    topology = Nftables("nft")
    with contextlib.ExitStack() as stack:
        stack.callback(topology.remove)
        topology.create()
        topology.lay()
        stack.enter_context(conntrack.tracked(topology.firewall))
        yield topology


@contextlib.contextmanager
def tidegate(name="tidegate", arguments=""):
    """The same; arguments for its AF_XDP devices begin with a comma."""
    topology = Firewall(name)
    ports = [{**port, "device": port["device"] + arguments} for port in VETH_PORTS]
    with contextlib.ExitStack() as stack:
        stack.callback(topology.remove)
        topology.create()
        daemon = Daemon(topology.firewall, ports=ports, worker_cpus=[WORKER_CPU], rules=[{"action": "allow"}],
                        default_action="drop")
        stack.callback(daemon.remove)
        os.sched_setaffinity(0, CPUS)
        daemon.start()
        os.sched_setaffinity(0, OTHER_CPUS)
        yield topology
