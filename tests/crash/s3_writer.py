"""One client of S3 with keys of its own, and what it knows about them: puts small and large,
overwrites, deletes, copies, versions, multipart uploads that survive a kill half-way."""

import base64
import hashlib
import random

from wire import Http

PLAIN = "crash-plain"
VERSIONED = "crash-versioned"
KEYS_PER_WRITER = 6
MOST_VERSIONS = 5
INLINE_LIMIT = 64 * 1024  # what is larger is a blob file
MIN_PART = 5 * 1024 * 1024
MARKER = "delete marker"

_pool = random.Random(1).randbytes(8 * 1024 * 1024)


def bytes_of(parts):
    """The bytes of [(seed, size), …], one run for each part."""
    out = []
    for seed, size in parts:
        head = f"{seed:016x}".encode()[:size]
        start = seed * 4099 % (1024 * 1024)
        out.append(head + _pool[start:start + size - len(head)])
    return b"".join(out)


def blobs_of(parts):
    return len(parts) if len(parts) > 1 else int(sum(size for _, size in parts) > INLINE_LIMIT)


def make_buckets(address):
    client = Http(address, "s3")
    for bucket in (PLAIN, VERSIONED):
        client.expect((200,), "PUT", f"/{bucket}")
    body = b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
    client.expect((200,), "PUT", f"/{VERSIONED}", {"versioning": ""},
                  {"Content-MD5": base64.b64encode(hashlib.md5(body).digest()).decode()}, body)


class S3Writer:
    def __init__(self, name, seed):
        self.name = f"s3-{name}"
        self.random = random.Random(seed)
        self.counter = seed << 20
        self.plain = {}     # key -> parts
        self.versions = {}  # key -> [(version id, parts or MARKER), …], newest first
        self.uploads = {}   # (key, upload id) -> {part number: (seed, size)}
        # What was asked for and not answered: (kind, key, what the answer would have made true).
        self.pending = None
        self.done = 0
        self.checked = 0

    def connect(self, server):
        self.client = Http(server.http_address, "s3")

    def step(self):
        operation = self.random.choices(
            [self._put, self._delete, self._copy, self._put_version, self._delete_version,
             self._start_upload, self._put_part, self._end_upload],
            weights=[30, 8, 6, 20, 8, 3, 6, 4])[0]
        operation()
        self.pending = None
        self.done += 1

    # Writing

    def _key(self):
        return f"{self.name}/{self.random.randrange(KEYS_PER_WRITER)}"

    def _content(self, least=0, most=None):
        self.counter += 1
        if most is None:
            most = self.random.choice([100, 4096, INLINE_LIMIT, 300_000, 2_500_000])
        return (self.counter, self.random.randint(least, most))

    def _put(self):
        key, parts = self._key(), [self._content()]
        self.pending = ("plain", key, parts)
        body = bytes_of(parts)
        fields, _ = self.client.expect((200,), "PUT", f"/{PLAIN}/{key}", body=body)
        assert fields["ETag"] == f'"{hashlib.md5(body).hexdigest()}"', (key, fields["ETag"])
        self.plain[key] = parts

    def _delete(self):
        key = self._key()
        self.pending = ("plain", key, None)
        self.client.expect((204,), "DELETE", f"/{PLAIN}/{key}")
        self.plain.pop(key, None)

    def _copy(self):
        source, target = self._key(), self._key()
        if source == target or source not in self.plain:
            return
        # A copy is one object without parts, whatever its source was made of.
        self.pending = ("plain", target, self.plain[source])
        self.client.expect((200,), "PUT", f"/{PLAIN}/{target}",
                           headers={"x-amz-copy-source": f"/{PLAIN}/{source}"})
        self.plain[target] = self.plain[source]

    def _put_version(self):
        key, parts = self._key(), [self._content()]
        self.pending = ("version", key, parts)
        fields, _ = self.client.expect((200,), "PUT", f"/{VERSIONED}/{key}", body=bytes_of(parts))
        self.versions.setdefault(key, []).insert(0, (fields["x-amz-version-id"], parts))

    def _delete_version(self):
        key = self._key()
        versions = self.versions.setdefault(key, [])
        if len(versions) >= MOST_VERSIONS:
            gone = self.random.choice(versions)
            self.pending = ("version gone", key, gone[0])
            self.client.expect((204,), "DELETE", f"/{VERSIONED}/{key}", {"versionId": gone[0]})
            versions.remove(gone)
        else:
            self.pending = ("version", key, MARKER)
            fields, _ = self.client.expect((204,), "DELETE", f"/{VERSIONED}/{key}")
            versions.insert(0, (fields["x-amz-version-id"], MARKER))

    def _start_upload(self):
        if len(self.uploads) >= 2:
            return
        key = self._key()
        root = self.client.xml("POST", f"/{PLAIN}/{key}", {"uploads": ""})
        self.uploads[key, root.findtext("UploadId")] = {}

    def _put_part(self):
        if not self.uploads:
            return
        key, upload = self.random.choice(list(self.uploads))
        number = self.random.randint(1, 3)
        part = self._content(MIN_PART, MIN_PART + 5000)
        self.pending = ("part", (key, upload), (number, part))
        self.client.expect((200,), "PUT", f"/{PLAIN}/{key}",
                           {"partNumber": number, "uploadId": upload}, body=bytes_of([part]))
        self.uploads[key, upload][number] = part

    def _end_upload(self):
        ready = [name for name, parts in self.uploads.items() if len(parts) >= 2]
        if not ready:
            return
        key, upload = self.random.choice(ready)
        parts = self.uploads[key, upload]
        if self.random.random() < 0.2:
            self.pending = ("upload gone", (key, upload), None)
            self.client.expect((204,), "DELETE", f"/{PLAIN}/{key}", {"uploadId": upload})
        else:
            chosen = sorted(parts)
            body = "".join(
                f"<Part><PartNumber>{n}</PartNumber>"
                f"<ETag>{hashlib.md5(bytes_of([parts[n]])).hexdigest()}</ETag></Part>"
                for n in chosen)
            contents = [parts[n] for n in chosen]
            self.pending = ("completed", (key, upload), contents)
            body = f"<CompleteMultipartUpload>{body}</CompleteMultipartUpload>"
            self.client.xml("POST", f"/{PLAIN}/{key}", {"uploadId": upload}, body=body.encode())
            self.plain[key] = contents
        del self.uploads[key, upload]

    # Checking, after a restart. Whatever was pending is settled one way or the other.

    def check(self, server):
        self.connect(server)
        kind, what, change = self.pending or (None, None, None)
        self.pending = None
        uploads = self._listed_uploads()
        if kind == "completed":
            # The object and the end of its upload are one change.
            if what not in uploads:
                self.plain[what[0]] = change
                del self.uploads[what]
        elif kind == "upload gone" and what not in uploads:
            del self.uploads[what]
        self._check_plain(*((what, change) if kind == "plain" else (None, None)))
        self._check_versions(kind, what, change)
        self._check_uploads(uploads, *((what, change) if kind == "part" else (None, None)))

    def _listed_uploads(self):
        root = self.client.xml("GET", f"/{PLAIN}", {"uploads": "", "prefix": self.name + "/"})
        return {(upload.findtext("Key"), upload.findtext("UploadId"))
                for upload in root.iter("Upload")}

    def _get(self, bucket, key, query=None):
        self.checked += 1
        status, fields, body = self.client.send("GET", f"/{bucket}/{key}", query)
        if status == 404:
            return None
        assert status == 200, (bucket, key, status, body[:300])
        assert int(fields["Content-Length"]) == len(body)
        return body

    def _check_plain(self, pending_key, pending_parts):
        for number in range(KEYS_PER_WRITER):
            key = f"{self.name}/{number}"
            body = self._get(PLAIN, key)
            expected = self.plain.get(key)
            if body == (bytes_of(expected) if expected is not None else None):
                continue
            assert key == pending_key, f"{key}: {describe(body)} and not {expected}"
            assert body == (bytes_of(pending_parts) if pending_parts is not None else None), (
                f"{key}: {describe(body)}, neither {expected} nor {pending_parts}")
            self.plain[key] = pending_parts
            if pending_parts is None:
                del self.plain[key]
        root = self.client.xml("GET", f"/{PLAIN}", {"list-type": 2, "prefix": self.name + "/"})
        listed = {entry.findtext("Key"): int(entry.findtext("Size"))
                  for entry in root.iter("Contents")}
        assert listed == {key: sum(size for _, size in parts) for key, parts in self.plain.items()}

    def _check_versions(self, kind, pending_key, change):
        root = self.client.xml("GET", f"/{VERSIONED}", {"versions": "", "prefix": self.name + "/"})
        listed = {}
        for entry in root:
            if entry.tag in ("Version", "DeleteMarker"):
                listed.setdefault(entry.findtext("Key"), []).append(
                    (entry.findtext("VersionId"), entry.tag == "DeleteMarker"))
        for number in range(KEYS_PER_WRITER):
            key = f"{self.name}/{number}"
            actual = listed.get(key, [])
            versions = self.versions.setdefault(key, [])
            if key == pending_key and kind == "version" and len(actual) == len(versions) + 1:
                versions.insert(0, (actual[0][0], change))
            if key == pending_key and kind == "version gone" and len(actual) == len(versions) - 1:
                versions[:] = [version for version in versions if version[0] != change]
            expected = [(version, parts == MARKER) for version, parts in versions]
            assert actual == expected, (
                f"{key}: of {len(expected)} versions not there: "
                f"{[each for each in expected if each not in actual]}, too many: "
                f"{[each for each in actual if each not in expected]}; was asked for: {kind} {change}"
                f" of {pending_key}")
            for version, parts in versions:
                if parts == MARKER:
                    continue
                body = self._get(VERSIONED, key, {"versionId": version})
                assert body == bytes_of(parts), f"{key} {version}: {describe(body)}, not {parts}"

    def _check_uploads(self, uploads, pending_upload, pending_part):
        # An upload that was asked for and not answered may be there; nobody will use it.
        assert uploads >= set(self.uploads), f"uploads lost: {set(self.uploads) - uploads}"
        for key, upload in uploads - set(self.uploads):
            self.client.expect((204,), "DELETE", f"/{PLAIN}/{key}", {"uploadId": upload})
        for (key, upload), parts in self.uploads.items():
            root = self.client.xml("GET", f"/{PLAIN}/{key}", {"uploadId": upload})
            listed = {int(part.findtext("PartNumber")): part.findtext("ETag").strip('"')
                      for part in root.iter("Part")}
            if (key, upload) == pending_upload:
                number, part = pending_part
                if listed.get(number) == hashlib.md5(bytes_of([part])).hexdigest():
                    parts[number] = part
            expected = {number: hashlib.md5(bytes_of([part])).hexdigest()
                        for number, part in parts.items()}
            assert listed == expected, f"{key}: parts {listed} and not {expected}"

    def blobs(self):
        """How many blob files all of this has."""
        return (sum(blobs_of(parts) for parts in self.plain.values())
                + sum(blobs_of(parts) for versions in self.versions.values()
                      for _, parts in versions if parts != MARKER)
                + sum(len(parts) for parts in self.uploads.values()))

    def remove_everything(self):
        for key in list(self.plain):
            self.client.expect((204,), "DELETE", f"/{PLAIN}/{key}")
        for key, versions in self.versions.items():
            for version, _ in versions:
                self.client.expect((204,), "DELETE", f"/{VERSIONED}/{key}", {"versionId": version})
        for key, upload in self.uploads:
            self.client.expect((204,), "DELETE", f"/{PLAIN}/{key}", {"uploadId": upload})
        self.plain, self.versions, self.uploads = {}, {}, {}


def describe(body):
    return "absent" if body is None else f"{len(body)} bytes starting {body[:16]!r}"
