# SPDX-License-Identifier: BSD-3-Clause
"""tidegate-replay: capture files in, flows or verdicts out."""
import collections
import csv
import gzip
import io
import json
import shutil
import struct
import subprocess

import pytest

import captures
import flows
from cases import CASES
from daemon import LOOSE, VETH_PORTS
from documents import Documents, stateless
from frames import A, A6, B, B6, handshake, tcp, tcp_reply, udp
from malformed import MALFORMED
from paths import PCAPS, REPLAY
from programs import run
from shared_captures import EXPECTED, frames_of

VERDICT_COLUMNS = ["number", "verdict", "drop_reason", "flow", "capture", "rule"]
UNPRIVILEGED = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--no-new-privs"]


def replay(*arguments):
    return run(REPLAY, *arguments)


def output(*arguments):
    done = replay(*arguments)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def rows(*arguments):
    return flows.read_csv(io.StringIO(output(*arguments)))


def sums(rows_of_one):
    return flows.totals([(key, counters) for _, key, counters in rows_of_one])


def verdicts(*arguments):
    reader = csv.DictReader(io.StringIO(output(*arguments, "--verdicts")))
    assert reader.fieldnames == VERDICT_COLUMNS
    return list(reader)


@pytest.mark.parametrize("capture", sorted(EXPECTED))
def test_shared_capture(capture):
    got = rows(PCAPS / capture)
    assert {name for name, _, _ in got} == {capture}
    assert flows.without_ports(sums(got)) == EXPECTED[capture]


def test_all_shared_captures_in_one_call():
    got = rows(*(PCAPS / capture for capture in sorted(EXPECTED)))
    per_capture = collections.defaultdict(list)
    for row in got:
        per_capture[row[0]].append(row)
    assert {capture: flows.without_ports(sums(of_one)) for capture, of_one in per_capture.items()} \
        == EXPECTED


@pytest.mark.parametrize("name", CASES)
def test_crafted_frames(name, tmp_path):
    got = rows(captures.write_pcap(tmp_path / "case.pcap", CASES[name]))
    assert sums(got) == flows.of_frames(CASES[name])


def test_rows_of_flows_opened_again_are_apart(tmp_path):
    """Each opening is a flow: the oracle's ended and open ones, one row each, oldest first."""
    name = "tcp closed and opened again"
    table = flows.table_of(CASES[name])
    expected = [(key, flow.counters) for key, flow in table.ended + list(table.flows.items())]
    got = rows(captures.write_pcap(tmp_path / "case.pcap", CASES[name]))
    assert [(key, counters) for _, key, counters in got] == expected
    assert len(got) == 2


def test_outer_tags_tell_flows_apart(tmp_path):
    """The csv has the innermost tag, but 10:5 and 20:5 are two flows, each with its own counters."""
    sent = [udp(tags=(10, 5)), udp(tags=(20, 5)), udp(tags=(20, 5))]
    got = rows(captures.write_pcap(tmp_path / "qinq.pcap", sent))
    assert [(key.vlan, counters[0]) for _, key, counters in got] == [(5, 1), (5, 2)]


@pytest.mark.parametrize("write", [
    pytest.param(lambda path, sent: captures.write_pcap(path, sent), id="pcap, little-endian"),
    pytest.param(lambda path, sent: captures.write_pcap(path, sent, ">"), id="pcap, big-endian"),
    pytest.param(lambda path, sent: captures.write_pcap(path, sent, "<", True), id="pcap, nanoseconds"),
    pytest.param(lambda path, sent: captures.write_pcapng(path, sent), id="pcapng, little-endian"),
    pytest.param(lambda path, sent: captures.write_pcapng(path, sent, ">"), id="pcapng, big-endian"),
    pytest.param(lambda path, sent: captures.write_pcapng(path, sent, simple=True),
                 id="pcapng, simple packet blocks"),
])
def test_file_formats(write, tmp_path):
    sent = [data for name in ("udp both ways", "qinq", "ipv6 extension headers")
            for data in CASES[name]]
    assert sums(rows(write(tmp_path / "file", sent))) == flows.of_frames(sent)


def test_empty_capture(tmp_path):
    assert rows(captures.write_pcap(tmp_path / "empty.pcap", [])) == []


def test_name_with_csv_characters(tmp_path):
    path = captures.write_pcap(tmp_path / 'a "b",c.pcap', [udp()])
    assert rows(path)[0][0] == 'a "b",c.pcap'
    assert json.loads(output(path, "--output", "ndjson"))["capture"] == 'a "b",c.pcap'


@pytest.mark.parametrize("snaplen", [64, 96])
def test_truncated_frames_count_by_their_length_on_the_wire(snaplen, tmp_path):
    whole = [udp(size=1400), udp(B, A, 2000, 1000, 900), *handshake(), tcp("PA", size=1200),
             tcp("PA", A, B, 5, 6, 500)]
    cut = [captures.Frame(data[:snaplen], len(data), number * 10**6) for number, data in enumerate(whole)]
    got = rows(captures.write_pcap(tmp_path / "cut.pcap", cut))
    assert sums(got) == flows.of_frames(whole)


def test_several_files_have_their_own_flows(tmp_path):
    """The same conversation in two files is a flow in each, in the order of the call."""
    first = captures.write_pcap(tmp_path / "first.pcap", [udp(), udp()])
    second = captures.write_pcapng(tmp_path / "second.pcapng", [udp(B, A, 2000, 1000)])
    got = rows(first, second)
    assert [(capture, str(key.source), counters) for capture, key, counters in got] == [
        ("first.pcap", A, [2, 96, 0, 0]), ("second.pcapng", B, [1, 48, 0, 0])]


@pytest.mark.parametrize("capture", ["alicloud.pcap", "http_ipv6.pcap", "lisp_registration.pcap"])
def test_json_formats_hold_what_csv_holds(capture):
    text = list(csv.DictReader(io.StringIO(output(PCAPS / capture, "--output", "csv"))))
    lines = [json.loads(line) for line in output(PCAPS / capture, "--output", "ndjson").splitlines()]
    assert lines == json.loads(output(PCAPS / capture, "--output", "json"))
    assert [{name: str(value) for name, value in line.items()} for line in lines] == text
    numbers = set(flows.COLUMNS) - {"capture", "source", "destination"}
    assert all(type(line[name]) is int for line in lines for name in numbers)


def test_empty_output_is_still_its_format(tmp_path):
    path = captures.write_pcap(tmp_path / "empty.pcap", [])
    assert output(path, "--output", "ndjson") == ""
    assert json.loads(output(path, "--output", "json")) == []


def test_verdict_lines(tmp_path):
    """One line a frame, numbered from 1 as analysers number frames."""
    sent = [udp(), CASES["arp and lldp have no flow"][0], udp(B, A, 2000, 1000), tcp("S", A6, B6),
            udp(tags=(7,))]
    got = verdicts(captures.write_pcap(tmp_path / "v.pcap", sent))
    flow = f"17 {A}:1000 > {B}:2000"
    assert got == [dict(zip(VERDICT_COLUMNS, (str(number), "pass", "", text, "v.pcap", "")))
                   for number, text in enumerate((flow, "", flow, f"6 [{A6}]:1000 > [{B6}]:2000",
                                                  flow + " vlan 7"), 1)]


def test_verdicts_of_shared_capture_have_a_line_a_frame():
    got = verdicts(PCAPS / "signal.pcap")
    assert [line["number"] for line in got] == [str(n) for n in range(1, len(frames_of("signal.pcap")) + 1)]
    assert {line["verdict"] for line in got} == {"pass"}


@pytest.mark.parametrize("name", MALFORMED)
def test_verdict_of_malformed_frame(name, tmp_path):
    data, reason = MALFORMED[name]
    got, = verdicts(captures.write_pcap(tmp_path / "bad.pcap", [data]))
    assert (got["verdict"], got["drop_reason"]) == ("drop", reason)
    assert rows(tmp_path / "bad.pcap") == []


@pytest.fixture
def config_file(tmp_path):
    """Writes a configuration; its ports are not looked for."""
    def write(**config):
        path = tmp_path / "tidegate.json"
        path.write_text(json.dumps({"ports": VETH_PORTS, **config}))
        return path
    return write


def test_verdicts_of_a_policy(config_file, tmp_path):
    """What a policy would do with yesterday's traffic."""
    config = config_file(**LOOSE, default_action="drop", non_ip="drop", rules=[
        {"action": "drop", "protocols": ["tcp"], "destination_ports": [23]},
        {"action": "allow", "source": A}])
    sent = {"by a rule": (tcp("S", dport=23), "drop", "rule"),
            "allowed": (tcp("S", dport=22), "pass", ""),
            "the answer of an allowed flow": (tcp_reply("SA", dport=22), "pass", ""),
            "by default": (udp(B, A), "drop", "default_action"),
            "not IP": (CASES["arp and lldp have no flow"][0], "drop", "non_ip")}
    got = verdicts(captures.write_pcap(tmp_path / "p.pcap", [data for data, _, _ in sent.values()]),
                   "--config", config)
    assert [(line["verdict"], line["drop_reason"]) for line in got] == [
        (verdict, reason) for _, verdict, reason in sent.values()]
    assert [line["rule"] for line in got] == ["rule 1", "rule 2", "rule 2", "", ""]


def test_verdicts_of_policy_documents(config_file, tmp_path):
    """The rule is named where one decided about the frame."""
    documents = Documents(tmp_path).write(
        "drop tcp any any -> any 23 (sid:7;)", "reject tcp any any -> any 25 (sid:9;)",
        "pass tcp any any -> any 80 (sid:8;)", edge=[
            stateless(5, "aws:pass", Protocols=[17], DestinationPorts=[{"FromPort": 53, "ToPort": 53}]),
            stateless(6, "aws:drop", Protocols=[17])])
    sent = {"dropped": (tcp("S", dport=23), "drop", "rule", "sid 7 egress"),
            "rejected": (tcp("S", dport=25), "drop", "reject", "sid 9 egress"),
            "passed": (tcp("S", dport=80), "pass", "", "sid 8 egress"),
            "the answer": (tcp_reply("SA", dport=80), "pass", "", "sid 8 egress"),
            "passed by a stateless rule": (udp(dport=53), "pass", "", "priority 5 edge"),
            "dropped without a flow": (udp(), "drop", "stateless_rule", ""),
            "by no rule": (tcp("S", dport=81), "pass", "", "")}
    got = verdicts(captures.write_pcap(tmp_path / "p.pcap", [data for data, *_ in sent.values()]),
                   "--config", config_file(policy=documents, **LOOSE))
    assert [(line["verdict"], line["drop_reason"], line["rule"]) for line in got] == [
        tuple(expected) for _, *expected in sent.values()]


def at(seconds, data):
    return captures.Frame(data, len(data), int((1700000000 + seconds) * 10**9))


def test_timeouts_follow_the_captures_clock(config_file, tmp_path):
    """By default UDP from one side ends after 30 s without a packet; without a configuration never."""
    path = captures.write_pcap(tmp_path / "slow.pcap", [at(0, udp()), at(29.9, udp()), at(60.1, udp())])
    assert [counters[0] for _, _, counters in rows(path, "--config", config_file())] == [2, 1]
    assert [counters[0] for _, _, counters in rows(path)] == [3]
    longer = config_file(idle_timeouts={"udp_new": 31})
    assert [counters[0] for _, _, counters in rows(path, "--config", longer)] == [3]


def test_clock_that_steps_back(tmp_path):
    """Counts as standing still: no flow ends or begins by it."""
    path = captures.write_pcap(tmp_path / "back.pcap", [at(100, udp()), at(3, udp()), at(101, udp())])
    assert [counters for _, _, counters in rows(path)] == [[3, 3 * 48, 0, 0]]


def test_table_of_the_configured_size(config_file, tmp_path):
    path = captures.write_pcap(tmp_path / "many.pcap", [
        data for port in range(1, 71) for data in (udp(sport=port), udp(B, A, 2000, port))])
    done = replay(path, "--config", config_file(flows_per_worker=64), "--verdicts")
    assert done.returncode == 0
    assert done.stderr == "tidegate-replay: many.pcap: 12 frames dropped, the flow table was full\n"
    got = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [line["drop_reason"] for line in got] == [""] * 128 + ["table_full"] * 12


def test_bad_configuration(config_file):
    config = config_file(flows_per_worker=1)
    done = replay(PCAPS / "tk.pcap", "--config", config)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"tidegate-replay: {config}:1: flows_per_worker: ")


def test_unprivileged(tmp_path):
    """No root, no capability, no hugepages, no daemon: also where nothing may be written."""
    tmp_path.chmod(0o755)
    for parent in tmp_path.parents[:2]:
        parent.chmod(0o755)
    capture = tmp_path / "capture.pcap"
    shutil.copy(PCAPS / "alicloud.pcap", capture)
    binary = tmp_path / "tidegate-replay"
    shutil.copy(REPLAY, binary)
    for path in (capture, binary):
        path.chmod(0o755)
    done = run(*UNPRIVILEGED, binary, capture, cwd="/")
    assert (done.returncode, done.stderr) == (0, "")
    got = [(key, counters) for _, key, counters in flows.read_csv(io.StringIO(done.stdout))]
    assert dict(got) == EXPECTED["alicloud.pcap"]


def test_two_at_once():
    """Runs do not share anything: no lock, no memory by name."""
    running = [subprocess.Popen([REPLAY, PCAPS / "signal.pcap"], stdout=subprocess.PIPE, text=True)
               for _ in range(2)]
    texts = [child.communicate(timeout=60)[0] for child in running]
    assert [child.returncode for child in running] == [0, 0]
    assert texts[0] == texts[1] == output(PCAPS / "signal.pcap")


FRAME_LENGTHS = slice(24 + 8, 24 + 16)  # captured and original length in the first record's header

# What becomes of a good capture's content, or None where there is no file to write.
BAD_FILES = {
    "empty": lambda content: b"",
    "garbage": lambda content: bytes(range(256)) * 8,
    "gzip": gzip.compress,
    "cut in a frame": lambda content: content[:-100],
    "cut in a record's header": lambda content: content[:24 + 16 + len(udp()) + 7],
    "cut in the file's header": lambda content: content[:20],
    "frame longer than any": lambda content: (content[:FRAME_LENGTHS.start] + b"\xff\xff\xff\x7f" * 2 +
                                              content[FRAME_LENGTHS.stop:]),
}


def check_refused(path):
    """An error that names the file, once, in one line; no crash, no silence."""
    done = replay(path)
    assert done.returncode == 1
    message, = done.stderr.splitlines()
    assert message.startswith("tidegate-replay: ") and message.count(path.name) == 1


@pytest.mark.parametrize("name", BAD_FILES)
def test_bad_file(name, tmp_path):
    path = captures.write_pcap(tmp_path / "the.pcap", [udp(), udp(), udp(size=900)])
    path.write_bytes(BAD_FILES[name](path.read_bytes()))
    check_refused(path)


def test_file_that_is_not_there(tmp_path):
    check_refused(tmp_path / "absent.pcap")


def test_directory_as_file(tmp_path):
    check_refused(tmp_path)


@pytest.mark.parametrize("write", [captures.write_pcap, captures.write_pcapng])
def test_other_link_type(write, tmp_path):
    """IEEE 802.11 frames hold neither Ethernet nor IP at a known place."""
    check_refused(write(tmp_path / "wireless.pcap", [udp()], link=105))


# What stands before the IP packet, by the registry of link types (draft-ietf-opsawg-pcaplinktype).
LINK_TYPES = {
    "RAW": (101, lambda version: b""),
    "NULL": (0, lambda version: struct.pack("<I", 2 if version == 4 else 10)),
    "LINUX_SLL": (113, lambda version: bytes(14) + ETHERTYPES[version]),
    "LINUX_SLL2": (276, lambda version: ETHERTYPES[version] + bytes(18)),
}
ETHERTYPES = {4: b"\x08\x00", 6: b"\x86\xdd"}


@pytest.mark.parametrize("name", LINK_TYPES)
def test_link_type_that_carries_ip(name, tmp_path):
    link, header = LINK_TYPES[name]
    sent = [udp(), udp(B, A, 2000, 1000, 50), tcp("S", A6, B6)]
    got = rows(captures.write_pcap(tmp_path / "link.pcap",
                                   [header(data[14] >> 4) + data[14:] for data in sent], link=link))
    assert sums(got) == flows.of_frames(sent)


def test_good_files_beside_a_bad_one_are_read(tmp_path):
    good = captures.write_pcap(tmp_path / "good.pcap", [udp()])
    done = replay(tmp_path / "absent.pcap", good)
    assert done.returncode == 1
    assert [capture for capture, _, _ in flows.read_csv(io.StringIO(done.stdout))] == ["good.pcap"]


@pytest.mark.parametrize("arguments", [
    [], ["--no-such-option", "file"], ["--config"]], ids=str)
def test_wrong_call(arguments):
    done = replay(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "tidegate-replay: " in done.stderr and "Usage: tidegate-replay" in done.stderr


def test_unknown_output_format():
    done = replay("--output", "xml", PCAPS / "tk.pcap")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "tidegate-replay: --output xml: not csv, ndjson or json\n"


def test_help():
    assert output("--help").startswith("Usage: tidegate-replay FILE")
