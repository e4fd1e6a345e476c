# SPDX-License-Identifier: BSD-3-Clause
"""What tidegate is measured beside: testpmd, and Open vSwitch."""
import subprocess

from programs import run
from subject import BUFFER_BYTES, HUGEPAGES, OTHER_CPUS, WORKER_CPU, Subject, prepare
from waiting import wait_until


class Testpmd(Subject):
    """Forwards without looking at anything."""
    BURST = 64  # as tidegate's

    def start(self):
        buffers = 32768 + self.traffic.frames
        memory = ["--in-memory"] if HUGEPAGES else [
            "--no-huge", f"-m{buffers * BUFFER_BYTES // 2**20 + 128}", "--no-shconf"]
        self.spawn(["dpdk-testpmd", f"--lcores=0@({','.join(map(str, OTHER_CPUS))}),1@{WORKER_CPU}", "--no-pci", *memory,
                    f"--vdev=net_pcap0,{self.traffic.device}", "--vdev=net_null0,no-rx=1", "--", "--forward-mode=io",
                    "--auto-start", f"--burst={self.BURST}", f"--total-num-mbufs={buffers}", "--no-mlockall"])
        self.wait_opened()


class OpenVswitch(Subject):
    """Its switch in user space, with connection tracking. Database, sockets, logs and network namespace are its own;
    nothing of an Open vSwitch that the machine runs is touched."""
    # What a firewall needs: packets of known connections pass, others are judged, here by the one rule that lets
    # them begin one.
    FIREWALL = ("table=0,ip,actions=ct(table=1)", "table=1,ct_state=+trk+new,ip,actions=ct(commit),output:1",
                "table=1,ct_state=+trk+est,ip,actions=output:1")
    # Connections are noted, and nothing depends on it.
    COMMIT = ("ip,actions=ct(commit),output:1",)
    SWITCH = "/usr/lib/openvswitch-switch-dpdk/ovs-vswitchd-dpdk"
    SCHEMA = "/usr/share/openvswitch/vswitch.ovsschema"
    MEGABYTES = 2048  # for the 262,144 buffers of a port, of which the file has some

    def __init__(self, *arguments, rules=FIREWALL):
        super().__init__(*arguments)
        self.rules = rules
        self.server = None
        self.environment = {f"OVS_{name}DIR": str(self.folder) for name in ("RUN", "LOG", "DB", "SYSCONF")}
        self.database = f"unix:{self.folder}/db.sock"

    def command(self, *arguments):
        done = run("env", *(f"{name}={value}" for name, value in self.environment.items()), *arguments)
        assert done.returncode == 0, f"{arguments}: {done.stderr} {self.said()}"

    def configure(self, *arguments):
        self.command("ovs-vsctl", f"--db={self.database}", *arguments)

    def start(self):
        file = self.folder / "conf.db"
        memory = "--in-memory" if HUGEPAGES else f"--no-huge --legacy-mem -m {self.MEGABYTES} --no-shconf"
        self.command("ovsdb-tool", "create", file, self.SCHEMA)
        with open(self.log, "a", encoding="ascii") as log:
            self.server = subprocess.Popen(
                ["ovsdb-server", file, f"--remote=p{self.database}", f"--unixctl={self.folder}/server.ctl"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=prepare)
        wait_until((self.folder / "db.sock").exists, self.said)
        self.configure("--no-wait", "init", "--", "set", "Open_vSwitch", ".", "other_config:dpdk-init=true",
                       f"other_config:pmd-cpu-mask={1 << WORKER_CPU:#x}",
                       f"other_config:dpdk-lcore-mask={sum(1 << cpu for cpu in OTHER_CPUS):#x}",
                       f'other_config:dpdk-extra="{memory} --no-pci"')
        self.spawn(["unshare", "--net", self.SWITCH, self.database, f"--unixctl={self.folder}/switch.ctl"],
                   **self.environment)
        self.configure("add-br", "bridge", "--", "set", "bridge", "bridge", "datapath_type=netdev")
        for number, (name, device) in enumerate((("sink", "net_null0,no-rx=1"),
                                                 ("source", f"net_pcap0,{self.traffic.device}")), 1):
            if name == "source":
                self.command("ovs-ofctl", "del-flows", "bridge")
                for rule in self.rules:
                    self.command("ovs-ofctl", "add-flow", "bridge", rule)
            self.configure("add-port", "bridge", name, "--", "set", "Interface", name, "type=dpdk",
                           f"ofport_request={number}", f'options:dpdk-devargs="{device}"')
        self.wait_opened()

    def stop(self):
        super().stop()
        if self.server is not None:
            self.server.kill()
            self.server.wait()
