# SPDX-License-Identifier: BSD-3-Clause
"""Waiting for conditions, always with a deadline."""
import time

INTERVAL = 0.01


def wait_until(condition, what, seconds=10, interval=INTERVAL):
    """The first true value of condition(); fails after the deadline with what() or what it waited for."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, (
            f"after {seconds} s: {what() if callable(what) else what}")
        time.sleep(interval)
