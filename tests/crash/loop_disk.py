"""A file system of its own in a file (ext4 on a loop device) whose power can be cut: what was not synced is gone.

A shut-down file system takes no more writes; mounted again it plays its journal back and has what the disk had.
Needs root, loop devices and mkfs.ext4.
"""
import fcntl
import os
import signal
import struct
import subprocess
import tempfile
import time

EXT4_IOC_SHUTDOWN = 0x8004587D  # _IOR('X', 125, u32)
WITHOUT_LOG_FLUSH = 2
SIZE = 768 << 20
STOPPED = ("T", "t", "Z", "X")


class Impossible(Exception):
    """This machine does not let us."""


def run(*command):
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if result.returncode != 0:
        raise OSError(f"{' '.join(command)}: {result.stdout.decode(errors='replace').strip()}")


def stop_all_threads(pid):
    """A sync on its way when the file system goes may say that it was done: nothing runs then."""
    os.kill(pid, signal.SIGSTOP)
    for thread in os.listdir(f"/proc/{pid}/task"):
        while True:
            with open(f"/proc/{pid}/task/{thread}/stat", encoding="utf-8") as stat:
                if stat.read().rsplit(")", 1)[1].split()[0] in STOPPED:
                    break
            time.sleep(0.001)


class LoopDisk:
    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="leveret-disk-")
        self.image = os.path.join(self.directory, "image")
        self.mounted = os.path.join(self.directory, "mounted")
        os.mkdir(self.mounted)
        try:
            if os.geteuid() != 0:
                raise OSError("only root may mount")
            with open(self.image, "wb") as image:
                image.truncate(SIZE)
            run("mkfs.ext4", "-q", "-F", self.image)
            self.mount()
        except OSError as error:
            self.remove()
            raise Impossible(f"no power can be cut here: {error}") from error

    def mount(self):
        run("mount", "-o", "loop", self.image, self.mounted)

    def unmount(self):
        for _ in range(100):  # the last file of a process that was killed may still be closing
            if subprocess.run(["umount", self.mounted], stderr=subprocess.DEVNULL, check=False).returncode == 0:
                return
            time.sleep(0.05)
        run("umount", self.mounted)

    def cut_power(self, process):
        stop_all_threads(process.pid)
        directory = os.open(self.mounted, os.O_RDONLY)
        try:
            fcntl.ioctl(directory, EXT4_IOC_SHUTDOWN, struct.pack("I", WITHOUT_LOG_FLUSH))
        finally:
            os.close(directory)
        process.kill()
        process.wait()
        self.unmount()
        self.mount()

    def remove(self):
        subprocess.run(["umount", self.mounted], stderr=subprocess.DEVNULL, check=False)
        subprocess.run(["rm", "-rf", "--one-file-system", self.directory], check=False)
