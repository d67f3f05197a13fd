"""Copies of directory trees as AWS Backup makes them: names byte by byte, owners, modes, times, attributes, links.

A tree that is written to meanwhile is copied as it is met, which is what AWS does too: the copy is of no single
moment. What disappears on the way is left out.
"""

import os
import shutil
import stat
from collections.abc import Callable


class Stopped(Exception):
    """The job was stopped while it copied."""


def copy(source: bytes, target: bytes, stop: Callable[[], bool] = lambda: False) -> int:
    """Copy ``source`` (a directory or a file) to ``target``, which must not exist; the bytes of all files."""
    return _Copy(stop).entry(source, target)


class _Copy:
    def __init__(self, stop: Callable[[], bool]):
        self._stop = stop
        self._seen: dict[tuple[int, int], bytes] = {}

    def entry(self, source: bytes, target: bytes) -> int:
        if self._stop():
            raise Stopped
        try:
            status = os.lstat(source)
            if stat.S_ISDIR(status.st_mode):
                return self._directory(source, target, status)
            if stat.S_ISLNK(status.st_mode):
                os.symlink(os.readlink(source), target)
            elif stat.S_ISREG(status.st_mode):
                return self._file(source, target, status)
            else:
                return 0  # pipes and sockets hold nothing
            _dress(source, target, status)
        except FileNotFoundError:
            if os.path.lexists(source):
                raise
        return 0

    def _directory(self, source: bytes, target: bytes, status: os.stat_result) -> int:
        os.mkdir(target, 0o700)
        names = os.listdir(source)
        size = sum(self.entry(os.path.join(source, name), os.path.join(target, name)) for name in names)
        # Last: the copies in it have changed its times, and its mode may forbid writing.
        _dress(source, target, status)
        return size

    def _file(self, source: bytes, target: bytes, status: os.stat_result) -> int:
        identity = (status.st_dev, status.st_ino)
        if status.st_nlink > 1 and identity in self._seen:
            os.link(self._seen[identity], target)
            return 0
        shutil.copyfile(source, target, follow_symlinks=False)
        _dress(source, target, status)
        if status.st_nlink > 1:
            self._seen[identity] = target
        return os.lstat(target).st_size


def _dress(source: bytes, target: bytes, status: os.stat_result) -> None:
    """Give the copy its original's owner, attributes, mode and times; owners only as root."""
    try:
        os.chown(target, status.st_uid, status.st_gid, follow_symlinks=False)
    except PermissionError:
        pass
    if hasattr(os, 'listxattr'):
        _copy_attributes(source, target)
    if not stat.S_ISLNK(status.st_mode):
        os.chmod(target, stat.S_IMODE(status.st_mode))
    os.utime(target, ns=(status.st_atime_ns, status.st_mtime_ns), follow_symlinks=False)


def _copy_attributes(source: bytes, target: bytes) -> None:
    try:
        for name in os.listxattr(source, follow_symlinks=False):
            os.setxattr(target, name, os.getxattr(source, name, follow_symlinks=False), follow_symlinks=False)
    except OSError:
        pass  # some attributes belong to the file system of this machine


def size_of(path: bytes) -> int:
    """Bytes of all files below a path."""
    total = 0
    for folder, _folders, names in os.walk(path):
        total += sum(os.lstat(os.path.join(folder, name)).st_size for name in names)
    return total
