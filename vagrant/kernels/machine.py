# SPDX-License-Identifier: MIT
"""One boot: qemu with a kernel and an initramfs, to the end of the plan or of the time.

A boot has a result only when all three agree: the line "### EXIT n" on the second serial port, the
value that came out through isa-debug-exit, and as many test lines as the plan has. A kernel that
panics makes qemu end with 0.
"""
import collections
import contextlib
import os
import shlex
import shutil
import subprocess
import tempfile
import time

from initramfs import Initramfs

QEMU = "qemu-system-x86_64"
MEMORY = "768M"
# The last two are for speed under emulation: what qemu has translated is good for the next process
# only at the same address, and page table isolation makes it forget.
KERNEL_WORDS = "console=ttyS0 quiet panic=-1 norandmaps mitigations=off"
# Seconds in which a guest under KVM must have come to its first process. Where /dev/kvm is there
# but cannot run an unmodified kernel, qemu does not end by itself.
KVM_PATIENCE = 8
ACCELERATORS = {"kvm": "host", "tcg": "max"}

Boot = collections.namedtuple("Boot", "status console results seconds")


def boot(kernel, content, plan, accelerator, seconds, keep=None):
    """Boot a kernel with content (an Initramfs as bytes) and a plan; returns a Boot.

    Its status is what the guest said and isa-debug-exit confirmed, or None with no such agreement.
    In a folder @keep are left the command and its files.
    """
    with _folder(keep) as folder:
        files = {name: os.path.join(folder, name) for name in ("console", "results", "initrd")}
        with open(files["initrd"], "wb") as file:
            file.write(content)
            _kernel_part(kernel, plan).write(file)
        start = time.monotonic()
        command = _command(kernel, files, accelerator)
        with open(os.path.join(folder, "command"), "w", encoding="utf-8") as file:
            file.write(shlex.join(command) + "\n")
        status = _run(command, seconds)
        took = time.monotonic() - start
        console, results = (_read(files[name]) for name in ("console", "results"))
    agreed = status is not None and results.rstrip().endswith(f"### EXIT {status}")
    return Boot(status if agreed else None, console, results, took)


def _folder(keep):
    if keep is None:
        return tempfile.TemporaryDirectory(prefix="userns-repro-kernel-")
    os.makedirs(keep, exist_ok=True)
    return contextlib.nullcontext(os.path.abspath(keep))


def _kernel_part(kernel, plan):
    content = Initramfs()
    content.text("/plan", plan)
    names = [f"/modules/{os.path.basename(path)}" for path in kernel.modules]
    for path, name in zip(kernel.modules, names):
        content.file(path, name)
    content.text("/modules/order", "".join(name + "\n" for name in names))
    return content


def _command(kernel, files, accelerator):
    # Whatever ends this process ends the guest.
    return ["setpriv", "--pdeathsig", "KILL", QEMU, "-accel", accelerator,
            "-machine", "q35", "-cpu", ACCELERATORS[accelerator], "-m", MEMORY, "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
            "-kernel", kernel.image, "-initrd", files["initrd"],
            "-append", KERNEL_WORDS,
            "-serial", "file:" + files["console"], "-serial", "file:" + files["results"],
            "-device", "isa-debug-exit,iobase=0xf4,iosize=0x04"]


def _run(command, seconds):
    """What init.c ended the machine with; None for any other end."""
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        return None
    # qemu shifts the value left by one and sets the lowest bit; 0 and 1 are qemu's own.
    return (done.returncode - 3) // 2 if done.returncode >= 3 else None


def _read(path):
    if not os.path.exists(path):
        return ""
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def choose_accelerator(kernel, content):
    """KVM where a boot under it comes to an end, else emulation."""
    if os.access("/dev/kvm", os.R_OK | os.W_OK):
        if boot(kernel, content, "0\n", "kvm", KVM_PATIENCE).status == 0:
            return "kvm"
    return "tcg"


def is_there():
    """Is there a qemu?"""
    return shutil.which(QEMU) is not None
