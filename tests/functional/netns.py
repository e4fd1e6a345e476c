# SPDX-License-Identifier: BSD-3-Clause
"""Network namespaces joined through the firewall.

    tgt-PID-left: left0 ── fw0 :tgt-PID-firewall: fw1 ── right0 :tgt-PID-right

The firewall's ends have no address and send nothing of their own. The outer ends have IPv4 with fixed
neighbours, so that the wire carries the tests' packets alone; IPv6, which talks by itself, is
switched on where a test wants it. Names carry the process id of the tests: what a killed run left
is removed at the next start.
"""
import contextlib
import ctypes
import json
import os
import re
import signal
import socket
import struct
import subprocess

from programs import run
from waiting import wait_until

PREFIX = "tgt-"
NAMESPACES = "/run/netns"
CLONE_NEWNET = 0x40000000
PR_SET_PDEATHSIG = 1
ETH_P_ALL = 3
SOL_PACKET, PACKET_STATISTICS, PACKET_AUXDATA, PACKET_OUTGOING = 263, 6, 8, 4
TP_STATUS_VLAN_VALID = 0x10

libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent():
    """In a child before exec: end when the tests end, however they do."""
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def command(*arguments):
    """Run a command that has to succeed; returns its output."""
    done = run(*arguments)
    assert done.returncode == 0, f"{' '.join(arguments)}: {done.stdout}{done.stderr}"
    return done.stdout


def enter_namespace(file):
    if libc.setns(file.fileno(), CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns", file.name)


class Namespace:
    def __init__(self, name):
        self.name = f"{PREFIX}{os.getpid()}-{name}"

    def create(self):
        command("ip", "netns", "add", self.name)
        self.ip("link", "set", "lo", "up")
        self.sysctl("net.ipv6.conf.default.disable_ipv6", 1)

    def remove(self):
        remove_namespace(self.name)

    def ip(self, *arguments):
        return command("ip", "-n", self.name, *arguments)

    def argv(self, *arguments):
        return ["ip", "netns", "exec", self.name, *arguments]

    def run(self, *arguments):
        return command(*self.argv(*arguments))

    @contextlib.contextmanager
    def process(self, *arguments, **options):
        """A process in here for the time of a with block, killed at its end."""
        child = subprocess.Popen(self.argv(*arguments), stdin=subprocess.DEVNULL,
                                 preexec_fn=die_with_parent, **options)
        try:
            yield child
        finally:
            child.kill()
            child.wait()

    def sysctl(self, key, value):
        with self.entered(), open("/proc/sys/" + key.replace(".", "/"), "w") as file:
            file.write(str(value))

    @contextlib.contextmanager
    def entered(self):
        """This thread is in here for the time of a with block; sockets made meanwhile stay."""
        with open("/proc/thread-self/ns/net") as home, open(f"{NAMESPACES}/{self.name}") as here:
            enter_namespace(here)
            try:
                yield
            finally:
                enter_namespace(home)

    def socket(self, family, kind, protocol=0):
        with self.entered():
            return socket.socket(family, kind, protocol)

    def addresses(self, interface):
        return json.loads(self.ip("-j", "address", "show", "dev", interface))[0]

    def xdp_programs(self):
        """{interface: program id} of the interfaces in here that have an XDP program."""
        return {link["ifname"]: link["xdp"]["prog"]["id"]
                for link in json.loads(self.ip("-j", "-d", "link", "show")) if "xdp" in link}


def remove_namespace(name):
    for pid in command("ip", "netns", "pids", name).split():
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(pid), signal.SIGKILL)
    command("ip", "netns", "delete", name)


def remove_stale():
    """Remove what runs that are no longer there have left."""
    for name in os.listdir(NAMESPACES) if os.path.isdir(NAMESPACES) else []:
        owner = re.match(rf"{PREFIX}(\d+)-", name)
        # A process that has yet to make its own may have got a killed one's number.
        if owner and (int(owner[1]) == os.getpid() or not os.path.exists(f"/proc/{owner[1]}")):
            remove_namespace(name)


class Wire:
    """An interface's frames, raw: what is sent goes out as it is, what comes in is kept with its VLAN tags.
    With both_ways what goes out is kept too, in its place."""

    def __init__(self, namespace, interface, both_ways=False):
        self.both_ways = both_ways
        self.socket = namespace.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self.socket.bind((interface, ETH_P_ALL))
        self.socket.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
        self.socket.setsockopt(socket.SOL_SOCKET, 33, 32 << 20)  # SO_RCVBUFFORCE
        self.socket.setblocking(False)

    def close(self):
        self.socket.close()

    def send(self, frames):
        for frame in frames:
            self.socket.setblocking(True)
            self.socket.send(bytes(frame))
            self.socket.setblocking(False)

    def received(self):
        """The frames that came in since the last call."""
        frames = []
        while True:
            try:
                data, ancillary, _, address = self.socket.recvmsg(65536, 64)
            except BlockingIOError:
                return frames
            if self.both_ways or address[2] != PACKET_OUTGOING:
                frames.append(with_tag(data, ancillary))

    def lost(self):
        """Frames that the kernel had no room to keep, since the last call."""
        return struct.unpack("II", self.socket.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8))[1]

    def receive(self, count, seconds=10):
        """Exactly count frames; more of them, or fewer by the deadline, fail."""
        frames = []

        def enough():
            frames.extend(self.received())
            return len(frames) >= count
        wait_until(enough, lambda: f"{len(frames)} of {count} frames came", seconds)
        frames.extend(self.received())
        assert len(frames) == count
        return frames


def with_tag(data, ancillary):
    """Put back the outer VLAN tag, which the kernel takes off a received frame."""
    for level, kind, value in ancillary:
        if (level, kind) == (SOL_PACKET, PACKET_AUXDATA):
            status, _, _, _, _, tag, protocol = struct.unpack("IIIHHHH", value[:20])
            if status & TP_STATUS_VLAN_VALID:
                return data[:12] + struct.pack(">HH", protocol, tag) + data[12:]
    return data


class Topology:
    """The three namespaces. The outer ends have IPv4 at once, IPv6 by with_ipv6()."""

    IPV4 = {"left": "10.77.0.1", "right": "10.77.0.2"}
    IPV6 = {"left": "2001:db8:77::1", "right": "2001:db8:77::2"}
    MAC = {"left": "02:00:00:00:77:01", "right": "02:00:00:00:77:02"}
    FIREWALL_END = {"left": "fw0", "right": "fw1"}
    OTHER = {"left": "right", "right": "left"}
    OFFLOADS = ("rx", "tx", "sg", "tso", "gso", "gro", "rxvlan", "txvlan")

    def __init__(self):
        self.left, self.right = Namespace("left"), Namespace("right")
        self.firewall = Namespace("firewall")
        self.sides = {"left": self.left, "right": self.right}

    def create(self):
        for namespace in (self.firewall, self.left, self.right):
            namespace.create()
        for side in self.sides:
            self.join(side)

    def join(self, side):
        """Lay the veth pair between this side and the firewall."""
        namespace, interface, end = self.sides[side], side + "0", self.FIREWALL_END[side]
        namespace.ip("link", "add", interface, "address", self.MAC[side], "type", "veth",
                     "peer", "name", end, "netns", self.firewall.name)
        for place, name in ((namespace, interface), (self.firewall, end)):
            place.run("ethtool", "-K", name, *(word for offload in self.OFFLOADS
                                               for word in (offload, "off")))
            place.ip("link", "set", name, "up")
        namespace.ip("address", "add", self.IPV4[side] + "/24", "dev", interface)
        self.fix_neighbor(side, self.IPV4)

    def fix_neighbor(self, side, addresses):
        other = self.OTHER[side]
        self.sides[side].ip("neighbor", "replace", addresses[other], "lladdr", self.MAC[other],
                            "dev", side + "0", "nud", "permanent")

    @contextlib.contextmanager
    def with_ipv6(self):
        """IPv6 on the outer ends for the time of a with block."""
        for side, namespace in self.sides.items():
            settings = f"net.ipv6.conf.{side}0."
            namespace.sysctl(settings + "accept_dad", 0)
            namespace.sysctl(settings + "disable_ipv6", 0)
            namespace.ip("address", "add", self.IPV6[side] + "/64", "dev", side + "0", "nodad")
            self.fix_neighbor(side, self.IPV6)
        try:
            yield
        finally:
            for side, namespace in self.sides.items():
                namespace.sysctl(f"net.ipv6.conf.{side}0.disable_ipv6", 1)

    def wires(self):
        """Raw access to the outer ends: left's and right's."""
        return Wire(self.left, "left0"), Wire(self.right, "right0")

    def remove(self):
        for namespace in (self.left, self.right, self.firewall):
            namespace.remove()
