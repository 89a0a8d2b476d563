# SPDX-License-Identifier: MIT
"""Names the machine that numbers come from: they say nothing about another one."""

import os
import subprocess


def _first(path, key):
    with open(path, encoding="utf-8", errors="replace") as file:
        for line in file:
            name, _, value = line.partition(":")
            if name.strip() == key:
                return value.strip()
    return "unknown"


def _kind(directory):
    done = subprocess.run(["findmnt", "-n", "-o", "FSTYPE", "-T", directory], check=False,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    return done.stdout.strip() or "unknown"


def describe(where, inputs):
    """What is worth knowing, by heading."""
    memory = int(_first("/proc/meminfo", "MemTotal").split()[0])
    return {
        "processor": _first("/proc/cpuinfo", "model name"),
        "cores": "%d" % len(os.sched_getaffinity(0)),
        "memory": "%.0f GB" % (memory / 1e6),
        "kernel": "%s %s" % (os.uname().sysname, os.uname().release),
        "written to": where.file_system(),
        "read from": _kind(inputs) + ", all of it in the page cache",
        "load": "%.1f when this was written" % os.getloadavg()[0],
    }
