"""Makes what is published of an installed tree: python3 packaging/make.py KIND TREE OUT VERSION COMMIT ARCH

KIND is tarball, wheel, npm or image; TREE is what `cmake --install` left below its prefix; OUT is the folder
that the archive goes to; ARCH is x86_64 or arm64. SOURCE_DATE_EPOCH is the time that the archives name.
"""

import base64
import datetime
import hashlib
import json
import os
import sys

from archives import EPOCH, Entry, gzipped, sha256, tar, tree, zipped

HERE = os.path.dirname(os.path.abspath(__file__))
SUMMARY = "S3, DynamoDB, KMS, STS and Redis on one machine, in one program"
# The same machine as Docker, Python and Node.js call it.
DOCKER_ARCH = {"x86_64": "amd64", "arm64": "arm64"}
WHEEL_ARCH = {"x86_64": "x86_64", "arm64": "aarch64"}
NODE_ARCH = {"x86_64": "x64", "arm64": "arm64"}
IMAGE_USER = 10001
IMAGE_PORTS = (4566, 6379, 8000, 9000)


def read(*path):
    with open(os.path.join(*path), "rb") as file:
        return file.read()


def documents(built):
    """What goes along with the program wherever it goes, from the tree: names and contents."""
    folder = os.path.join(built, "share", "doc", "bodega")
    licences = os.path.join(folder, "licenses")
    found = [("LICENSE", read(folder, "LICENSE")), ("NOTICE", read(folder, "copyright"))]
    return found + [(f"licenses/{name}", read(licences, name)) for name in sorted(os.listdir(licences))]


def tarball(built, version, commit, arch):
    name = f"bodega-{version}-linux-{arch}"
    yield f"{name}.tar.gz", gzipped(tar(tree(built, name)))


def wheel(built, version, commit, arch):
    machine = WHEEL_ARCH[arch]
    tags = [f"manylinux_2_17_{machine}", f"manylinux2014_{machine}", f"musllinux_1_1_{machine}"]
    info = f"bodega_server-{version}.dist-info"
    metadata = (f"Metadata-Version: 2.1\nName: bodega-server\nVersion: {version}\nSummary: {SUMMARY}\n"
                "License: Apache-2.0\nRequires-Python: >=3.8\n"
                "Classifier: Operating System :: POSIX :: Linux\n"
                "Description-Content-Type: text/markdown\n\n")
    kind = "Wheel-Version: 1.0\nGenerator: bodega\nRoot-Is-Purelib: false\n"
    entries = [
        Entry("bodega/__init__.py", read(HERE, "python", "bodega", "__init__.py")),
        Entry("bodega/__main__.py", read(HERE, "python", "bodega", "__main__.py")),
        Entry("bodega/bin/bodega", read(built, "bin", "bodega"), 0o755),
        *[Entry(f"{info}/{name}", data) for name, data in documents(built)],
        Entry(f"{info}/METADATA", metadata.encode() + read(HERE, "about.txt")),
        Entry(f"{info}/WHEEL", (kind + "".join(f"Tag: py3-none-{tag}\n" for tag in tags)).encode()),
        Entry(f"{info}/entry_points.txt", b"[console_scripts]\nbodega = bodega:main\n"),
    ]
    record = "".join(
        f"{entry.name},sha256={url_digest(entry.data)},{len(entry.data)}\n" for entry in entries)
    entries.append(Entry(f"{info}/RECORD", (record + f"{info}/RECORD,,\n").encode()))
    yield f"bodega_server-{version}-py3-none-{'.'.join(tags)}.whl", zipped(entries)


def url_digest(data):
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


def npm(built, version, commit, arch):
    package = {
        "name": "bodega-server", "version": version, "description": SUMMARY, "license": "Apache-2.0",
        "bin": {"bodega": "bodega.js", "bodega-server": "bodega.js"}, "files": ["*"],
        "os": ["linux"], "cpu": [NODE_ARCH[arch]], "engines": {"node": ">=16"},
    }
    entries = [
        Entry("package/package.json", (json.dumps(package, indent=2) + "\n").encode()),
        Entry("package/bodega.js", read(HERE, "npm", "bodega.js"), 0o755),
        Entry("package/bodega", read(built, "bin", "bodega"), 0o755),
        Entry("package/README.md", read(HERE, "about.txt")),
        *[Entry(f"package/{name}", data) for name, data in documents(built)],
    ]
    yield f"bodega-server-{version}-linux-{arch}.tgz", gzipped(tar(entries))


def image_files(built):
    """One layer: the program, who it runs as, and the folders that it writes to."""
    user = f"bodega:x:{IMAGE_USER}:{IMAGE_USER}:Bodega:/data:/sbin/nologin\n"
    return [
        Entry("data", mode=0o700, owner=IMAGE_USER),
        Entry("etc/bodega/bodega.conf", read(HERE, "image.conf")),
        Entry("etc/group", f"root:x:0:\nbodega:x:{IMAGE_USER}:\n".encode()),
        Entry("etc/passwd", f"root:x:0:0:root:/:/sbin/nologin\n{user}".encode()),
        Entry("tmp", mode=0o1777),
        Entry("usr/local/bin/bodega", read(built, "bin", "bodega"), 0o755),
        # What tools that expect LocalStack start.
        Entry("usr/local/bin/docker-entrypoint.sh", target="bodega"),
        *[Entry(f"usr/share/doc/bodega/{name}", data) for name, data in documents(built)],
    ]


def image_config(layer, version, commit, arch):
    created = datetime.datetime.fromtimestamp(EPOCH, datetime.timezone.utc).isoformat()
    second = 1_000_000_000
    return {
        "architecture": DOCKER_ARCH[arch], "os": "linux", "created": created,
        "config": {
            "User": f"{IMAGE_USER}:{IMAGE_USER}", "WorkingDir": "/data",
            "Env": ["PATH=/usr/local/bin", "BODEGA_CONFIG=/etc/bodega/bodega.conf"],
            "Entrypoint": ["/usr/local/bin/bodega"],
            "ExposedPorts": {f"{port}/tcp": {} for port in IMAGE_PORTS}, "Volumes": {"/data": {}},
            "Healthcheck": {"Test": ["CMD", "/usr/local/bin/bodega", "health"],
                            "Interval": 5 * second, "Timeout": 2 * second,
                            "StartPeriod": 2 * second},
            "Labels": {"org.opencontainers.image.title": "Bodega",
                       "org.opencontainers.image.description": SUMMARY,
                       "org.opencontainers.image.licenses": "Apache-2.0",
                       "org.opencontainers.image.version": version,
                       "org.opencontainers.image.revision": commit,
                       "org.opencontainers.image.created": created},
        },
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{sha256(layer)}"]},
        "history": [{"created": created, "created_by": "script/package"}],
    }


def image(built, version, commit, arch):
    """An OCI layout and, of the same blobs, what every version of `docker load` reads."""
    layer = tar(image_files(built))
    blobs = []

    def blob(kind, data):
        path = f"blobs/sha256/{sha256(data)}"
        blobs.append(Entry(path, data))
        return path, {"mediaType": kind, "digest": f"sha256:{sha256(data)}", "size": len(data)}

    def as_json(value):
        return json.dumps(value, sort_keys=True).encode()

    of = "application/vnd.oci.image."
    tags = [f"bodega:{version}", "bodega:latest"]
    layer_path, layer_blob = blob(of + "layer.v1.tar", layer)
    config_path, config_blob = blob(of + "config.v1+json",
                                    as_json(image_config(layer, version, commit, arch)))
    _, manifest = blob(of + "manifest.v1+json", as_json(
        {"schemaVersion": 2, "mediaType": of + "manifest.v1+json", "config": config_blob,
         "layers": [layer_blob]}))
    named = [{**manifest, "annotations": {"org.opencontainers.image.ref.name": tag}} for tag in tags]
    entries = [
        Entry("oci-layout", as_json({"imageLayoutVersion": "1.0.0"})),
        Entry("index.json", as_json({"schemaVersion": 2, "manifests": named})),
        Entry("manifest.json", as_json(
            [{"Config": config_path, "RepoTags": tags, "Layers": [layer_path]}])),
        *blobs,
    ]
    yield f"bodega-{version}-image-{DOCKER_ARCH[arch]}.tar", tar(entries)


KINDS = {"tarball": tarball, "wheel": wheel, "npm": npm, "image": image}


def main():
    if len(sys.argv) != 7 or sys.argv[1] not in KINDS:
        sys.exit(__doc__)
    kind, built, out, version, commit, arch = sys.argv[1:]
    for name, data in KINDS[kind](built, version, commit, arch):
        with open(os.path.join(out, name), "wb") as file:
            file.write(data)
        print(f"{name}: {len(data) / 1e6:.1f} MB")


main()
