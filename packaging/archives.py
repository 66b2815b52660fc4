"""Archives whose bytes depend on their contents alone: sorted, owned by root, all of one time."""

import gzip
import hashlib
import io
import os
import tarfile
import zipfile

EPOCH = int(os.environ["SOURCE_DATE_EPOCH"])
# What zip can say at the earliest is 1980.
ZIP_TIME = (1980, 1, 1, 0, 0, 0)


class Entry:
    """A file, or a folder (`data` is None) or a link (`target`)."""

    def __init__(self, name, data=None, mode=0o644, owner=0, target=None):
        self.name = name
        self.data = data
        self.mode = mode
        self.owner = owner
        self.target = target


def tree(folder, prefix):
    """The entries of everything below the folder, under other names."""
    entries = []
    for place, folders, files in os.walk(folder):
        folders.sort()
        for name in files:
            path = os.path.join(place, name)
            with open(path, "rb") as file:
                entries.append(Entry(os.path.join(prefix, os.path.relpath(path, folder)),
                                     file.read(), 0o755 if os.access(path, os.X_OK) else 0o644))
    return entries


def tar(entries):
    """The bytes of an uncompressed tar of the entries and the folders above them."""
    known = {entry.name for entry in entries}
    for name in sorted(known):
        while name := os.path.dirname(name):
            if name not in known:
                known.add(name)
                entries = [*entries, Entry(name, mode=0o755)]
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for entry in sorted(entries, key=lambda one: one.name):
            info = tarfile.TarInfo(entry.name)
            info.mtime, info.mode = EPOCH, entry.mode
            info.uid = info.gid = entry.owner
            if entry.target is not None:
                info.type, info.linkname = tarfile.SYMTYPE, entry.target
            elif entry.data is None:
                info.type = tarfile.DIRTYPE
            else:
                info.size = len(entry.data)
            archive.addfile(info, io.BytesIO(entry.data or b""))
    return out.getvalue()


def gzipped(data):
    return gzip.compress(data, 9, mtime=0)


def zipped(entries):
    """The bytes of a zip of files, in the order given."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry in entries:
            info = zipfile.ZipInfo(entry.name, ZIP_TIME)
            info.external_attr = (0o100000 | entry.mode) << 16
            info.create_system = 3  # Unix: the mode counts
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, entry.data, compresslevel=9)
    return out.getvalue()


def sha256(data):
    return hashlib.sha256(data).hexdigest()
