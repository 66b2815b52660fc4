"""File systems of the test's own: a tmpfs or an ext4 on a loop device, of a size, mounted for a
while. Raises shim.Unavailable with the reason where that is not allowed."""

import contextlib
import fcntl
import os
import pathlib
import struct
import subprocess
import time

from shim import Unavailable

EXT4_IOC_SHUTDOWN = 0x8004587D
SHUTDOWN = {"default": 0, "logflush": 1, "nologflush": 2}


def command(*words):
    try:
        done = subprocess.run(words, capture_output=True, text=True)
    except FileNotFoundError:
        raise Unavailable(f"there is no {words[0]}") from None
    if done.returncode != 0:
        raise Unavailable(f"{' '.join(map(str, words[:3]))}: {done.stderr.strip()[:200]}")


def unmount(place):
    """Also when somebody is slow to let go of it."""
    for _ in range(50):
        if subprocess.run(["umount", place], capture_output=True).returncode == 0:
            return
        time.sleep(0.1)
    subprocess.run(["umount", "-l", place], capture_output=True)


@contextlib.contextmanager
def tmpfs(place, size_mb):
    if os.geteuid() != 0:
        raise Unavailable("only root can mount a file system")
    place = pathlib.Path(place)
    place.mkdir()
    command("mount", "-t", "tmpfs", "-o", f"size={size_mb}m", "tmpfs", place)
    try:
        yield place
    finally:
        unmount(place)


class Ext4:
    """An ext4 in a file, mounted at `place` while it is used as a context."""

    def __init__(self, place, size_mb):
        if os.geteuid() != 0:
            raise Unavailable("only root can mount a file system")
        self.place = pathlib.Path(place)
        self.place.mkdir()
        self.image = self.place.with_suffix(".img")
        with open(self.image, "wb") as image:
            image.truncate(size_mb << 20)
        command("mkfs.ext4", "-q", "-F", "-m", "0", self.image)

    def __enter__(self):
        command("mount", "-o", "loop", self.image, self.place)
        return self

    def __exit__(self, *_):
        unmount(self.place)

    def again(self):
        """Unmounted and mounted: what the disk has, and no more."""
        unmount(self.place)
        command("mount", "-o", "loop", self.image, self.place)

    def shut_down(self, how):
        """From now on every access fails. Of what was not synced, the journal's part is written
        (logflush), or nothing (nologflush), or all (default)."""
        folder = os.open(self.place, os.O_RDONLY)
        try:
            fcntl.ioctl(folder, EXT4_IOC_SHUTDOWN, struct.pack("I", SHUTDOWN[how]))
        except OSError as error:
            raise Unavailable(f"ext4 does not shut down: {error}") from error
        finally:
            os.close(folder)
