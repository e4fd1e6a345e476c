# SPDX-License-Identifier: BSD-3-Clause
"""What tidegate-httpd tells at /metrics, read apart."""
import re
import subprocess

SAMPLE = re.compile(r'([a-z_]+)(?:\{((?:[a-z_]+="[^"\\\n]*",?)*)\})? (-?[0-9.e+-]+)')
PARTS = {"histogram": ("_bucket", "_sum", "_count"), "summary": ("_sum", "_count")}
TEXT = "text/plain; version=0.0.4; charset=utf-8"


def scrape(door, **options):
    """{(name, labels): value}, labels being a frozenset; no sample may be there twice, nor a family in two places."""
    answer = door.request("GET", "/metrics", **options)
    assert (answer.status, answer.headers["Content-Type"]) == (200, TEXT), answer
    samples, families, last, names = {}, set(), None, None
    for line in answer.body.splitlines():
        if line.startswith("# HELP "):
            assert line.split()[2] not in families
            families.add(last := line.split()[2])
        elif line.startswith("# TYPE "):
            names = {last + part for part in PARTS.get(line.split()[3], ("",))}
        else:
            name, labels, value = SAMPLE.fullmatch(line).groups()
            key = name, frozenset((labels or "").split(",")) - {""}
            assert name in names and key not in samples, line
            samples[key] = float(value)
    return samples


def value(samples, name, **labels):
    return samples[name, frozenset(f'{label}="{text}"' for label, text in labels.items())]


def labelled(samples, name):
    """{labels, sorted: value} of all samples of a name."""
    return {tuple(sorted(labels)): value for (found, labels), value in samples.items() if found == name}


def promtool(text):
    done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
