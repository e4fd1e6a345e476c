#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Hold the packet path to the instructions that it takes for a packet of an established flow, by callgrind.

Usage: instructions.py ESTABLISHED-PROGRAM KIND

They are the same in every run of one build, and differ little between compilers; a figure that is more than 2 %
above the recorded one fails. One that is below is worth recording.
"""
import re
import subprocess
import sys
import tempfile

FLOWS, BURSTS = 4096, 128
MARGIN = 1.02
RECORDED = {"udp4": 220, "tcp4": 330, "udp6": 348, "tcp6": 463}


def measure(program, kind):
    """Instructions of pipeline_burst() for a packet."""
    with tempfile.TemporaryDirectory() as directory:
        run = subprocess.run(["valgrind", "--tool=callgrind", "--toggle-collect=measured",
                              f"--callgrind-out-file={directory}/out", program, kind, str(FLOWS), str(BURSTS)],
                             check=True, capture_output=True, text=True)
    packets = int(re.search(r"^packets (\d+)", run.stdout, re.M)[1])
    instructions = int(re.search(r"Collected : (\d+)", run.stderr)[1])
    return instructions / packets


def main(program, kind):
    found, most = measure(program, kind), RECORDED[kind] * MARGIN
    print(f"{kind}: {found:.1f} instructions a packet, {RECORDED[kind]} recorded, at most {most:.1f}")
    # Where none are counted the measure is broken.
    return 0 if 0 < found <= most else 1


sys.exit(main(*sys.argv[1:]))
