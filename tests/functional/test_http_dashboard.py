# SPDX-License-Identifier: BSD-3-Clause
"""GET /metrics against known packets: verdicts, rules, poll times; and the dashboard on all of them."""
import contextlib
import itertools
import json
import re
import time

import pytest

from daemon import LOOSE, NEVER, running
from documents import Documents, stateless
from door import KEYS, firewall_and_door
from frames import echo, tcp, tcp_reply, udp
from netns import Wire
from observed import wait_received
from paths import ROOT
from programs import run
from scraped import labelled, promtool, scrape, value
from waiting import wait_until

TELNET, MAIL, WEB = ('drop tcp any any -> any 23 (sid:7;)', 'reject tcp any any -> any 25 (sid:8;)',
                     'pass tcp any any -> any 80 (sid:9;)')
COUNTED = [{"ActionName": "Datagrams", "ActionDefinition": {"PublishMetricAction": {
    "Dimensions": [{"Value": "udp"}]}}}]


DATAGRAMS = [udp(sport=port, size=100 + port) for port in range(1, 4)]
DROPPED = [tcp("S", sport=port, dport=23) for port in (1, 2)]
REJECTED = tcp("S", dport=25)
PASSED = [tcp("S", sport=port, dport=80) for port in (1, 2)]
ANSWER = tcp_reply("SA", sport=1, dport=80)
BY_DEFAULT = echo()[0]


@pytest.fixture
def judged(topology, tmp_path):
    """A daemon and its door, with packets of both directions for each verdict and rule, after a reload."""
    documents = Documents(tmp_path)
    policy = documents.write(TELNET, MAIL, WEB, edge=[stateless(5, "aws:pass", "Datagrams", Protocols=[17])])
    edge = json.loads(documents.edge.read_text())
    edge["RulesSource"]["StatelessRulesAndCustomActions"]["CustomActions"] = COUNTED
    documents.edge.write_text(json.dumps(edge))
    config = {"policy": policy, "idle_timeouts": {name: seconds for name, seconds in NEVER.items()
                                                  if name != "tcp_established"}, **LOOSE}
    with firewall_and_door(running, topology, config, keys=KEYS, limits={"requests_per_second": 1000}) as (daemon, door):
        with contextlib.closing(Wire(topology.left, "left0")) as left, daemon.rpc() as rpc, contextlib.closing(
                Wire(topology.right, "right0")) as right:
            rpc.call("Reload")
            wait_until(lambda: rpc.status()["Policy"].get("LastReload", {}).get("Status") == "COMPLETED", "no reload")
            left.send([*DATAGRAMS, *DROPPED, REJECTED, *PASSED, BY_DEFAULT])
            wait_received(rpc, left=9, right=0)
            right.send([ANSWER])
            wait_received(rpc, left=9, right=1)
        scrape(door)  # an answer to be counted
        yield daemon, door


def size(*frames):
    """Bytes of the IP packets: frames less the 14 of Ethernet."""
    return sum(len(frame) - 14 for frame in frames)


def test_verdicts(judged):
    samples = scrape(judged[1])
    assert {(port, verdict): value(samples, "tidegate_port_verdicts_total", port=port, verdict=verdict)
            for port in ("left", "right") for verdict in ("passed", "dropped", "rejected")} == {
        ("left", "passed"): 6, ("left", "dropped"): 2, ("left", "rejected"): 1,
        ("right", "passed"): 1, ("right", "dropped"): 0, ("right", "rejected"): 0}
    assert value(samples, "tidegate_port_transmit_answers_total", port="left") == 1


def test_rule_groups(judged):
    samples = scrape(judged[1])
    edge, egress = ('kind="stateless"', 'rule_group="edge"'), ('kind="stateful"', 'rule_group="egress"')
    stateful = [*DROPPED, REJECTED, *PASSED, ANSWER]
    assert labelled(samples, "tidegate_rule_group_packets_total") == {edge: 3, egress: 6}
    assert labelled(samples, "tidegate_rule_group_bytes_total") == {edge: size(*DATAGRAMS), egress: size(*stateful)}
    assert labelled(samples, "tidegate_rule_group_rules") == {edge: 1, egress: 3}
    hits = labelled(samples, "tidegate_rule_group_last_hit_timestamp_seconds")
    assert set(hits) == {edge, egress} and all(-60 < hit - time.time() < 1 for hit in hits.values())
    forwarded = ('action="aws:forward_to_sfe"', 'kind="stateless"')
    undecided = ('action="pass"', 'kind="stateful"')
    assert labelled(samples, "tidegate_default_action_packets_total") == {forwarded: 7, undecided: 1}
    assert labelled(samples, "tidegate_default_action_bytes_total") == {
        forwarded: size(*stateful, BY_DEFAULT), undecided: size(BY_DEFAULT)}
    custom = ('action="Datagrams"', 'dimension="udp"', 'rule_group="edge"')
    assert labelled(samples, "tidegate_custom_action_packets_total") == {custom: 3}
    assert labelled(samples, "tidegate_custom_action_bytes_total") == {custom: size(*DATAGRAMS)}


def test_rules_of_the_configuration(topology):
    """They have no group: the label is not there."""
    rules = [{"action": "drop", "destination_ports": [2001]}, {"action": "drop", "destination_ports": [2002]}]
    with firewall_and_door(running, topology, {"rules": rules}, keys=KEYS) as (daemon, door):
        with daemon.rpc() as rpc, contextlib.closing(Wire(topology.left, "left0")) as left:
            left.send([udp(dport=port) for port in (2000, 2001, 2002, 2002)])
            wait_received(rpc, left=4, right=0)
        samples = scrape(door)
        promtool(door.request("GET", "/metrics").body)
    assert labelled(samples, "tidegate_rule_group_packets_total") == {('kind="stateful"',): 3}
    assert labelled(samples, "tidegate_rule_group_rules") == {('kind="stateful"',): 2}
    assert labelled(samples, "tidegate_default_action_packets_total") == {('action="allow"', 'kind="stateful"'): 1}


# ---- poll times ----

BOUNDS = [2 ** bits / 1e9 for bits in range(8, 23)]  # seconds


def test_poll_times(topology):
    """Packets that come one by one are a poll each that does work; what the buckets say of the sum is so."""
    sent = 24
    with firewall_and_door(running, topology, keys=KEYS, limits={"requests_per_second": 1000}) as (daemon, door):
        with daemon.rpc() as rpc, contextlib.closing(Wire(topology.left, "left0")) as left:
            for count in range(1, sent + 1):
                left.send([udp(sport=count)])
                wait_received(rpc, left=count, right=0)
        samples = scrape(door)
    name = "tidegate_worker_busy_poll_seconds"
    below = {float(dict(label.split("=") for label in labels)["le"].strip('"')): count
             for labels, count in labelled(samples, name + "_bucket").items()}
    assert list(below) == [*BOUNDS, float("inf")]
    assert below[float("inf")] == value(samples, name + "_count", worker=0) == sent
    counts = [after - before for before, after in itertools.pairwise([0, *below.values()])]
    assert min(counts) >= 0
    # A poll's time is cut to whole nanoseconds.
    least = sum(count * bound for count, bound in zip(counts, [0, *BOUNDS], strict=True)) - 1e-9 * sent
    most = sum(count * bound for count, bound in zip(counts, [*BOUNDS, 60], strict=True)) + 1e-9 * sent
    assert least <= value(samples, name + "_sum", worker=0) <= most and most > 0


# ---- the dashboard ----

DASHBOARD = json.loads((ROOT / "scripts" / "monitoring" / "grafana.json").read_text())
METRIC = re.compile(r"\b(?:tidegate|process)_[a-z_]+")


def expressions():
    """Those of all panels, as Grafana sends them for all firewalls."""
    texts = [target["expr"] for panel in DASHBOARD["panels"] for target in panel.get("targets", ())]
    assert texts
    return [text.replace("$instance", ".*").replace("$__rate_interval", "5m") for text in texts]


def test_dashboard_is_on_metrics_that_exist(judged):
    names = {name for name, _ in scrape(judged[1])}
    asked = set(METRIC.findall("\n".join(expressions())))
    assert asked - names == set()
    # What it does not show.
    assert {name for name in names - asked if name.startswith("tidegate")} == {
        "tidegate_worker_polls_total", "tidegate_worker_busy_poll_seconds_sum",
        "tidegate_worker_busy_poll_seconds_count", "tidegate_httpd_connections", "tidegate_daemon_start_time_seconds",
        "tidegate_default_action_bytes_total", "tidegate_custom_action_bytes_total"}


def test_dashboard_shows_something(judged, tmp_path):
    """Prometheus itself evaluates every expression, on what was scraped and grows: each has a result."""
    series = [{"series": "%s{%s}" % (name, ",".join(['instance="a"', *labels])), "values": f"{first}+1x10"}
              for (name, labels), first in scrape(judged[1]).items()]
    cases = [{"expr": f"count({expr}) > bool 0", "eval_time": "10m", "exp_samples": [{"labels": "{}", "value": 1}]}
             for expr in expressions()]
    file = tmp_path / "dashboard.yml"
    file.write_text(json.dumps({"evaluation_interval": "1m", "tests": [
        {"interval": "1m", "input_series": series, "promql_expr_test": cases}]}))
    done = run("promtool", "test", "rules", file)
    assert done.returncode == 0 and "SUCCESS" in done.stdout, done.stdout + done.stderr


def test_dashboard_asks_the_chosen_source():
    variables = {variable["name"]: variable for variable in DASHBOARD["templating"]["list"]}
    assert variables["datasource"]["type"] == "datasource" and variables["datasource"]["query"] == "prometheus"
    source = {"type": "prometheus", "uid": "${datasource}"}
    assert variables["instance"]["datasource"] == source
    shown = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
    assert all(asking["datasource"] == source for panel in shown for asking in (panel, *panel["targets"]))
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
    places = [(panel["gridPos"]["x"] + x, panel["gridPos"]["y"] + y) for panel in DASHBOARD["panels"]
              for x in range(panel["gridPos"]["w"]) for y in range(panel["gridPos"]["h"])]
    assert len(set(places)) == len(places) and max(x for x, _ in places) < 24
