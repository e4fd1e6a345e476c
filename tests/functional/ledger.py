# SPDX-License-Identifier: BSD-3-Clause
"""A generator of connections that open and close all the time, and the ledger that it keeps of them."""
import array
import collections
import contextlib
import ipaddress
import pathlib
import select
import subprocess
import tempfile

from netns import die_with_parent
from paths import CHURN
from programs import SECONDS
from waiting import wait_until

MEMBERS = ("open_sent", "open_seen", "ready_seen", "close_sent", "close_seen")  # as in churn.c
# What numbers are in, as in churn_frame.h: of even ones and of odd ones.
NETWORKS = (int(ipaddress.ip_address("10.0.0.0")), int(ipaddress.ip_address("2001:db8::")))
PORT_FIRST, PORT_COUNT = 1024, 50000

Entry = collections.namedtuple("Entry", MEMBERS)


class Ledger:
    """Of up to capacity connections: an Entry each, by number; times in ns of the monotonic clock, 0: not yet."""

    def __init__(self, path, capacity):
        self.path = path
        with open(path, "xb") as file:
            file.truncate(capacity * len(MEMBERS) * 8)
        self.entries = []

    def read(self):
        """Once the generator makes no more of them."""
        times = array.array("Q", self.path.read_bytes())
        entries = map(Entry, *(times[member::len(MEMBERS)] for member in range(len(MEMBERS))))
        self.entries = [entry for entry in entries if entry.open_sent]

    def open_throughout(self, begin, end):
        """Numbers of the connections whose SYN was through before begin, and whose RST was not sent by end."""
        return {number for number, entry in enumerate(self.entries)
                if 0 < entry.open_seen < begin and (entry.close_sent == 0 or entry.close_sent > end)}

    def ready_throughout(self, begin, end):
        """Of these, the ones whose handshake was through before begin."""
        return {number for number in self.open_throughout(begin, end)
                if 0 < self.entries[number].ready_seen < begin}

    def closed_before(self, begin):
        """Numbers of the connections whose RST was through before begin."""
        return {number for number, entry in enumerate(self.entries) if 0 < entry.close_seen < begin}

    def opened_before(self, end):
        """Numbers of the connections whose SYN was sent by end."""
        return {number for number, entry in enumerate(self.entries) if entry.open_sent <= end}

    def rate(self, member, begin, end):
        """How often a second this happened between two times."""
        times = [getattr(entry, member) for entry in self.entries]
        return sum(begin < time <= end for time in times) * 1e9 / (end - begin)

    def lost(self, before):
        """Frames sent before this time that have not come through: SYNs and RSTs, by the entries."""
        return sum(entry.open_seen == 0 and entry.open_sent < before or
                   entry.close_seen == 0 and 0 < entry.close_sent < before for entry in self.entries)


class Link:
    """Two links in shared memory: what the firewall's ports are called, and the generator's."""

    def __init__(self, folder):
        self.folder = folder
        self.generator = None

    def device(self, index, role):
        return (f"net_memif{index},role={role},id={index},socket-abstract=no,"
                f"socket={self.folder}/{index}.sock")

    def ports(self):
        return [{"name": name, "device": self.device(index, "server")}
                for index, name in enumerate(("left", "right"))]

    @contextlib.contextmanager
    def churning(self, workers, rate, seed, capacity):
        """Connections open and close at this rate for the time of a with block; then its ledger can be read."""
        ledger = Ledger(self.folder / "ledger", capacity)
        self.generator = subprocess.Popen(
            [CHURN, ledger.path, str(seed), str(rate), str(workers), self.device(0, "client"), self.device(1, "client")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, preexec_fn=die_with_parent)
        yield ledger
        self.generator.terminate()
        wait_until(lambda: select.select([self.generator.stdout], [], [], 0)[0], "the generator goes on")
        assert self.generator.stdout.readline() == b"ended\n"
        ledger.read()

    def end(self):
        """The generator's end of the links goes, once the firewall has."""
        if self.generator is None:
            return
        try:
            self.generator.terminate()
            self.generator.communicate(timeout=SECONDS)
            assert self.generator.returncode == 0
        finally:
            self.generator.kill()
            self.generator.wait()


@contextlib.contextmanager
def linked():
    with tempfile.TemporaryDirectory(prefix="tgt-churn-") as folder:
        link = Link(pathlib.Path(folder))
        try:
            yield link
        finally:
            link.end()


def number_of(flow):
    """The number of the connection that a listed flow is, and nothing else."""
    source = int(ipaddress.ip_address(flow["SourceAddress"]["AddressDefinition"]))
    number = source & 0xffffff
    assert (source - number, flow["SourcePort"], flow["DestinationPort"], flow["Protocol"]) == (
        NETWORKS[number % 2], str(PORT_FIRST + number % PORT_COUNT), "80", "6"), flow
    return number
