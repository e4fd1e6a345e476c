# SPDX-License-Identifier: BSD-3-Clause
"""Whole captures through tidegate-replay in bursts of 1, 3 and 32, and over the wire: the same verdicts."""
import collections
import csv
import io
import json

import pytest

import captures
import scenarios_ip  # this and the next add to SCENARIOS
import scenarios_tcp
from daemon import VETH_PORTS
from documents import Documents
from frames import udp
from observed import drops_of, wait_received
from paths import PCAPS, REPLAY
from programs import run
from scenarios import CONFIGS, OPEN, SCENARIOS, STATEFUL, STATELESS, Ends
from shared_captures import EXPECTED
from waiting import wait_until

BURSTS = (1, 3, 32)
BEGIN, STEP = 1_700_000_000 * 10**9, 10_000  # nanoseconds; a gap within a burst


@pytest.fixture
def config_of(tmp_path):
    """The keys of a configuration of scenarios."""
    def keys(name):
        documents = {"policy": Documents(tmp_path).write(*STATEFUL, edge=STATELESS)} if name == OPEN else {}
        return {**CONFIGS[name], **documents}
    return keys


def timed(steps):
    """(time, frame, reason) of each step."""
    time = BEGIN
    for frame, reason, *seconds in steps:
        time = BEGIN + int(seconds[0] * 10**9) if seconds else time + STEP
        yield time, frame, reason


def write(path, steps):
    return captures.write_pcap(path, [captures.Frame(frame, len(frame), time) for time, frame, _ in steps], "<", True)


def replayed(burst, *arguments):
    """{capture: [(number, verdict, reason)]}"""
    done = run(REPLAY, "--verdicts", "--burst", burst, *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    found = collections.defaultdict(list)
    for row in csv.DictReader(io.StringIO(done.stdout)):
        found[row["capture"]].append((int(row["number"]), row["verdict"], row["drop_reason"]))
    return found


def expected(steps):
    return [(number, "drop" if reason else "pass", reason) for number, (*_, reason) in enumerate(steps, 1)]


@pytest.mark.parametrize("burst", BURSTS)
@pytest.mark.parametrize("name", CONFIGS)
def test_replay(name, burst, config_of, tmp_path):
    """Each scenario by itself; and all at once, with bursts of many flows."""
    config = tmp_path / "tidegate.json"
    config.write_text(json.dumps({"ports": VETH_PORTS, **config_of(name)}))
    wanted = {f"{title}.pcap": list(timed(steps)) for title, steps in SCENARIOS[name].items()}
    wanted["all at once.pcap"] = sorted((step for steps in wanted.values() for step in steps),
                                        key=lambda step: step[0])
    paths = [write(tmp_path / file, steps) for file, steps in wanted.items()]
    found = replayed(burst, "--config", config, *paths)
    wrong = {file: [(got, want) for got, want in zip(found[file], expected(steps), strict=True) if got != want]
             for file, steps in wanted.items()}
    assert {file: pairs for file, pairs in wrong.items() if pairs} == {}


def receive_of(wire, frames):
    """As many frames; others, answers to rejected ones, are not looked at."""
    got = []

    def enough():
        got.extend(frame for frame in wire.received() if frame in frames)
        return len(got) >= len(frames)
    wait_until(enough, lambda: f"{len(got)} of {len(frames)} frames came")
    return got


@pytest.mark.parametrize("name", CONFIGS)
def test_on_the_wire(name, start, wires, config_of):
    """All but the scenarios in which time goes by."""
    left, right = wires
    now = {title: steps for title, steps in SCENARIOS[name].items() if all(len(step) == 2 for step in steps)}
    with start(idle_timeouts={}, **config_of(name)).rpc() as rpc:
        dropped, sent = collections.Counter(), 0
        for title, steps in now.items():
            passing = [frame for frame, reason in steps if not reason]
            left.send([frame for frame, _ in steps])
            assert sorted(receive_of(right, passing)) == sorted(passing), title
            dropped.update(reason for _, reason in steps if reason)
            sent += len(steps)
        assert drops_of(wait_received(rpc, left=sent, right=0)["left"]) == dropped


def test_shared_captures():
    """No verdict depends on how real traffic is cut into bursts."""
    one, *others = (replayed(burst, *(PCAPS / capture for capture in sorted(EXPECTED))) for burst in BURSTS)
    assert set(one) == set(EXPECTED)
    assert all(other == one for other in others)


def test_bursts_end_where_time_goes_by(tmp_path, config_of):
    """Frames more than a millisecond apart have each their own time, whatever the burst."""
    config = tmp_path / "tidegate.json"
    config.write_text(json.dumps({"ports": VETH_PORTS, **config_of("closed")}))
    (question, *_), (answer, *_), *_ = SCENARIOS["closed"]["questions_and_answers, IPv4"]
    other = SCENARIOS["closed"]["questions_and_answers, IPv6"][0][0]
    steps = [(BEGIN, question, ""), (BEGIN + 30 * 10**9, other, ""),
             (BEGIN + 30 * 10**9 + 1_000_001, answer, "default_action")]
    path = write(tmp_path / "gap.pcap", steps)
    for burst in BURSTS:
        assert replayed(burst, "--config", config, path)["gap.pcap"] == expected(steps)


def test_bursts_of_long_frames(tmp_path):
    """As many as the buffers hold."""
    steps = [(BEGIN + number, udp(size=65000, sport=number), "") for number in range(1, 150)]
    path = write(tmp_path / "long.pcap", steps)
    for burst in (1, 64):
        assert replayed(burst, path)["long.pcap"] == expected(steps)


def test_bursts_of_rejected_frames(tmp_path, config_of):
    """Each is answered, and fragments wait: those of a few datagrams, which cannot all fall into one bucket."""
    config = tmp_path / "tidegate.json"
    config.write_text(json.dumps({"ports": VETH_PORTS, **config_of(OPEN)}))
    ends = Ends(1)
    waiting = [(piece, "fragment_orphan") for number in range(8) for piece in ends.pieces(number, 60000)[1:]]
    assert len(waiting) == 400
    refused = [(ends.tcp("S", 100, port=25), "reject")] * 200
    steps = [(BEGIN + number, *step) for number, step in enumerate(waiting + refused)]
    path = write(tmp_path / "refused.pcap", steps)
    for burst in (1, 64):
        assert replayed(burst, "--config", config, path)["refused.pcap"] == expected(steps)


@pytest.mark.parametrize("value", ["0", "65", "-1", "3x", ""])
def test_bad_burst(value):
    done = run(REPLAY, "--burst", value, PCAPS / "tk.pcap")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"tidegate-replay: --burst {value}: not 1 to 64\n"
