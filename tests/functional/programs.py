# SPDX-License-Identifier: BSD-3-Clause
"""Running programs to their end."""
import subprocess

SECONDS = 60


def run(*arguments, timeout=SECONDS, **options):
    """The finished process, with its output as text; nothing to read on its standard input."""
    return subprocess.run([str(argument) for argument in arguments], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=timeout, **options)
