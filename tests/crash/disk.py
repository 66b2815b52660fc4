"""A folder as a disk holds it: replays the shim's journal, knows what was synced, and says what a
power cut could have left.

Two readings of what a sync of a file promises about names:

  posix  Only the sync of a folder makes its entries durable, each folder's by itself. The sync of a
         file is about its bytes alone. Of what was not synced, any part may be there.
  ext4   Changes of names go through one journal: a sync that writes it makes all earlier ones
         durable, and of the later ones a beginning may be there, in order. (The fdatasync of a file
         that did not grow does not write the journal.)

A rename is there as a whole or not at all, in both. It is synced by its target's folder."""

import itertools
import os
import pathlib

PAGE = 4096
SECTOR = 512


class File:
    def __init__(self, durable=b""):
        self.durable = bytearray(durable)
        self.pending = []  # (sequence, offset, bytes) or (sequence, size, None): not yet synced

    def sync(self, before):
        kept = []
        for change in self.pending:
            if change[0] < before:
                apply(self.durable, change)
            else:
                kept.append(change)
        self.pending = kept

    def grew(self, before):
        return any(data is None or offset + len(data) > len(self.durable)
                   for sequence, offset, data in self.pending if sequence < before)


class Folder:
    def __init__(self):
        self.now = {}      # name -> File or Folder, as the running system sees it
        self.durable = {}  # the same, as the disk has it for sure


def apply(content, change):
    _, offset, data = change
    if data is None:
        if offset < len(content):
            del content[offset:]
        else:
            content.extend(bytes(offset - len(content)))
        return
    if offset > len(content):
        content.extend(bytes(offset - len(content)))
    content[offset:offset + len(data)] = data


class Disk:
    def __init__(self, reading, tree=None):
        """`tree`: path -> bytes, or None for a folder; all of it durable."""
        assert reading in ("posix", "ext4")
        self.reading = reading
        self.root = Folder()
        self.changes = []  # of names: (sequence, kind, folder, name, what, from folder, from name)
        self.handles = {}
        self.story = ""    # how files came out of the last chance()
        self.clock = 0     # sequences of all processes, one behind the other
        self.base = 0
        for path, content in sorted((tree or {}).items()):
            folder, name = self._place(path)
            folder.now[name] = folder.durable[name] = (
                Folder() if content is None else File(content))

    def _node(self, path):
        node = self.root
        for name in pathlib.PurePosixPath(path).parts:
            node = node.now[name]
        return node

    def _place(self, path):
        path = pathlib.PurePosixPath(path)
        return self._node(path.parent), path.name

    # What happened.

    def replay(self, records):
        for record in records:
            if record.call == "start":
                self.base, self.handles = self.clock, {}
            sequence = self.base + record.sequence
            self.clock = max(self.clock, sequence)
            getattr(self, "_" + record.call.replace(" ", "_"))(sequence, record)

    def _start(self, *_):
        pass

    def _open(self, sequence, record):
        folder, name = self._place(record.path)
        if record.path == ".":
            self.handles[record.handle] = self.root
            return
        node = folder.now.get(name)
        if node is None:
            node = File()
            self._change(sequence, "put", folder, name, node)
        elif record.offset & os.O_TRUNC:
            node.pending.append((sequence, 0, None))
        self.handles[record.handle] = node

    def _write(self, sequence, record):
        self.handles[record.handle].pending.append((sequence, record.offset, record.data))

    def _truncate(self, sequence, record):
        self.handles[record.handle].pending.append((sequence, record.offset, None))

    def _rename(self, sequence, record):
        source, old = self._place(record.path)
        folder, name = self._place(record.second)
        self._change(sequence, "rename", folder, name, source.now[old], source, old)

    def _link(self, sequence, record):
        folder, name = self._place(record.second)
        self._change(sequence, "put", folder, name, self._node(record.path))

    def _unlink(self, sequence, record):
        folder, name = self._place(record.path)
        self._change(sequence, "take", folder, name)

    def _mkdir(self, sequence, record):
        folder, name = self._place(record.path)
        self._change(sequence, "put", folder, name, Folder())

    def _change(self, sequence, *change):
        self.changes.append((sequence, *change, *[None] * (6 - len(change))))
        enter(self.changes[-1], lambda folder: folder.now)

    def _fsync(self, *_):
        pass

    _fdatasync = _fsync

    def _synced(self, _, record, data_only=False):
        before = self.base + record.offset
        node = self.handles[record.handle]
        writes_journal = True
        if isinstance(node, File):
            writes_journal = not data_only or node.grew(before)
            node.sync(before)
        kept = []
        for change in self.changes:
            durable = (writes_journal if self.reading == "ext4" else node is change[2])
            if change[0] < before and durable:
                enter(change, lambda folder: folder.durable)
                if change[1] == "rename":  # what is known of its old name is overtaken
                    kept = [other for other in kept if other[2:4] != change[5:7]]
            else:
                kept.append(change)
        self.changes = kept

    def _data_synced(self, sequence, record):
        self._synced(sequence, record, data_only=True)

    def adopt(self, found):
        """Takes what the folder has now for what happened. A process that is killed between a call
        and its record leaves one change that the journal does not have; the next process builds
        upon it. More than one is a mistake of the simulation."""
        expected = self.running()
        new = sorted(found.keys() - expected.keys())
        gone = sorted(expected.keys() - found.keys())
        changed = [path for path in found.keys() & expected.keys() if found[path] != expected[path]]
        moved = len(new) == len(gone) == 1 and found[new[0]] == expected[gone[0]]
        assert moved or len(new) + len(gone) + len(changed) <= 1, (
            f"the replay is wrong about {(new + gone + changed)[:5]}")
        self.clock += 1
        for path in new:
            folder, name = self._place(path)
            if moved:
                source, old = self._place(gone[0])
                self._change(self.clock, "rename", folder, name, source.now[old], source, old)
            elif found[path] is None:
                self._change(self.clock, "put", folder, name, Folder())
            else:
                twin = next((other for other, content in expected.items()
                             if found[path] and content == found[path]), None)
                self._change(self.clock, "put", folder, name,
                             self._node(twin) if twin else File())
        for path in [] if moved else gone:
            folder, name = self._place(path)
            self._change(self.clock, "take", folder, name)
        for path in changed:
            before, after = expected[path], found[path]
            same = os.path.commonprefix([before, after])
            self._node(path).pending += [(self.clock, len(after), None),
                                         (self.clock, len(same), after[len(same):])]

    # What a power cut could have left, as path -> bytes, or None for a folder.

    def strict(self):
        """Exactly what was synced."""
        return self._tree(lambda folder: folder.durable, lambda file: bytes(file.durable))

    def running(self):
        """What the running system sees: a kill leaves it, and no power cut."""
        def content(file):
            whole = bytearray(file.durable)
            for change in file.pending:
                apply(whole, change)
            return bytes(whole)
        return self._tree(lambda folder: folder.now, content)

    def chance(self, random):
        """What was synced, and by chance a part of what was not."""
        folders = {}

        def entries(folder):
            return folders.setdefault(id(folder), dict(folder.durable))

        if self.reading == "ext4":
            chosen = self.changes[:random.randint(0, len(self.changes))]
        else:
            share = random.choice([0.1, 0.5, 0.9])
            chosen = [change for change in self.changes if random.random() < share]
        for change in chosen:
            enter(change, entries)
        how = {}

        def content(file):
            if id(file) not in how:
                how[id(file)] = partly(file, random)
            return how[id(file)][0]

        tree = self._tree(entries, content)
        self.story = ", ".join(
            f"{path}: {how[id(file)][1]} of what followed byte {len(file.durable)}"
            for path, file in self._files() if id(file) in how and file.pending)
        return tree

    def _files(self):
        def walk(folder, prefix):
            for name, node in folder.now.items():
                if isinstance(node, Folder):
                    yield from walk(node, prefix + name + "/")
                else:
                    yield prefix + name, node
        return walk(self.root, "")

    def _tree(self, entries, content):
        tree = {}

        def walk(folder, prefix):
            for name, node in entries(folder).items():
                if isinstance(node, Folder):
                    tree[prefix + name] = None
                    walk(node, prefix + name + "/")
                else:
                    tree[prefix + name] = content(node)
        walk(self.root, "")
        return tree


def enter(change, entries):
    """Makes a change of names in what `entries` says a folder has."""
    _, kind, folder, name, what, source, old = change
    if kind == "take":
        entries(folder).pop(name, None)
        return
    if kind == "rename":
        entries(source).pop(old, None)
    entries(folder)[name] = what


def partly(file, random):
    """The bytes of a file of which the last changes may have reached the disk or not, and which
    kind of part it is."""
    if not file.pending:
        return bytes(file.durable), ""
    how = random.choice(["none", "all", "a beginning", "a beginning", "some pages"])
    content = bytearray(file.durable)
    if how == "a beginning":
        count = random.randrange(len(file.pending))
        sequence, offset, data = file.pending[count]
        changes = file.pending[:count]
        if data:
            upto = offset + random.randint(0, len(data))
            if upto < len(content):  # a disk overwrites a sector or does not
                upto = upto // SECTOR * SECTOR
            if upto > offset:
                changes.append((sequence, offset, data[:upto - offset]))
    else:
        changes = [] if how == "none" else file.pending
    for change in changes:
        apply(content, change)
    if how == "some pages":
        touched = set(itertools.chain.from_iterable(
            range(offset // PAGE, (offset + len(data) - 1) // PAGE + 1)
            for _, offset, data in file.pending if data))
        before = file.durable.ljust(len(content), b"\0")
        for page in touched:
            if random.random() < 0.5:
                part = slice(page * PAGE, min((page + 1) * PAGE, len(content)))
                content[part] = before[part]
        if random.random() < 0.3:
            del content[random.randint(min(len(file.durable), len(content)), len(content)):]
    return bytes(content), how


def lay_out(tree, folder):
    """Writes a tree to a new folder."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True)
    for path, content in sorted(tree.items()):
        if content is None:
            (folder / path).mkdir()
        else:
            (folder / path).write_bytes(content)
    return folder


def read_tree(folder):
    """The other way round."""
    folder = pathlib.Path(folder)
    return {str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
            for path in folder.rglob("*")}
