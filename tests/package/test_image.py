"""The container image, without a container engine: its parts are held against their digests, and its one layer
is unpacked and started as an engine would, by chroot, as the image's user, with the image's environment."""

import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import tarfile

import pytest

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="chroot and owners are root's")

# Unpacked; compressed, as it is sent, it is less than half of that.
MAX_IMAGE_BYTES = 24_000_000


@pytest.fixture
def image(archive, tmp_path):
    """The folder of the unpacked archive."""
    path = archive("bodega-*-image-*.tar")
    assert path.stat().st_size < MAX_IMAGE_BYTES
    with tarfile.open(path) as tar:
        tar.extractall(tmp_path / "image", filter="tar")
    return tmp_path / "image"


@pytest.fixture
def config(image):
    [entry] = json.loads((image / "manifest.json").read_text())
    return json.loads((image / entry["Config"]).read_text())


@pytest.fixture
def root(image, tmp_path):
    """The file system that the layer makes."""
    [entry] = json.loads((image / "manifest.json").read_text())
    [layer] = entry["Layers"]
    root = tmp_path / "root"
    with tarfile.open(image / layer) as tar:
        tar.extractall(root, filter="fully_trusted", numeric_owner=True)
    return root


def test_each_blob_is_what_it_is_called(image):
    blobs = list((image / "blobs" / "sha256").iterdir())
    assert len(blobs) == 3
    for blob in blobs:
        assert hashlib.sha256(blob.read_bytes()).hexdigest() == blob.name


def test_docker_and_oci_name_the_same_parts(image, config):
    [docker] = json.loads((image / "manifest.json").read_text())
    index = json.loads((image / "index.json").read_text())
    for named in index["manifests"]:
        digest = named["digest"].removeprefix("sha256:")
        manifest = json.loads((image / "blobs" / "sha256" / digest).read_text())
        parts = [manifest["config"], *manifest["layers"]]
        paths = [f"blobs/sha256/{part['digest'].removeprefix('sha256:')}" for part in parts]
        assert paths == [docker["Config"], *docker["Layers"]]
        assert [part["size"] for part in parts] == [(image / path).stat().st_size for path in paths]
    layer = (image / docker["Layers"][0]).read_bytes()
    assert config["rootfs"]["diff_ids"] == [f"sha256:{hashlib.sha256(layer).hexdigest()}"]


def test_the_dockerfile_says_the_same(config):
    said = (pathlib.Path(__file__).parents[2] / "docker" / "Dockerfile").read_text()
    told = config["config"]
    assert f"USER {told['User']}" in said and f"WORKDIR {told['WorkingDir']}" in said
    assert f"ENV {' '.join(told['Env'])}\n" in said
    assert f"ENTRYPOINT {json.dumps(told['Entrypoint'])}" in said
    health = told["Healthcheck"]
    assert f"CMD {json.dumps(health['Test'][1:])}" in said
    assert f"--interval={health['Interval'] // 10**9}s" in said
    assert "EXPOSE " + " ".join(port.split("/")[0] for port in told["ExposedPorts"]) in said


def test_the_image_serves_and_is_healthy(config, root, serves, tmp_path):
    told = config["config"]
    environment = dict(line.split("=", 1) for line in told["Env"])
    user = [shutil.which("chroot"), f"--userspec={told['User']}", root]
    healthy = []

    def check(server):
        host, port = server.http_address
        for address, status in ((f"{host}:{port}", 0), (f"{host}:1", 1)):
            done = subprocess.run([*user, *told["Healthcheck"]["Test"][1:]],
                                  env={**environment, "BODEGA_HTTP": address}, timeout=20)
            healthy.append((done.returncode, status))

    [program] = told["Entrypoint"]
    serves(program, under=user, env=environment, also=check)
    assert healthy == [(0, 0), (1, 1)]
    assert list((root / "data").iterdir())
    assert (root / "data").stat().st_uid == 10001


def test_the_start_script_of_localstack_is_the_program(root):
    assert os.readlink(root / "usr" / "local" / "bin" / "docker-entrypoint.sh") == "bodega"
