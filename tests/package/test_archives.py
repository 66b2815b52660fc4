"""Tarball, wheel and npm package: unpacked or installed without a network, in a folder of their own."""

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile

import pytest
from conftest import DIST, PRESET, ROOT


def run(*command, **rest):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          timeout=300, **rest)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def unpacked(archive, tmp_path):
    path = archive("bodega-*-linux-*.tar.gz")
    with tarfile.open(path) as tar:
        tar.extractall(tmp_path, filter="tar")
    return tmp_path / path.name.removesuffix(".tar.gz")


def test_every_file_has_its_sum():
    lines = (DIST / "SHA256SUMS").read_text().splitlines()
    named = dict(reversed(line.split("  ")) for line in lines)
    assert set(named) == {path.name for path in DIST.iterdir()} - {"SHA256SUMS"}
    for name, digest in named.items():
        assert hashlib.sha256((DIST / name).read_bytes()).hexdigest() == digest


def test_the_tarball_serves(unpacked, serves):
    serves(unpacked / "bin" / "bodega")


@pytest.mark.skipif(os.geteuid() != 0, reason="chroot is root's")
def test_the_program_needs_nothing_of_the_system(unpacked, serves, tmp_path):
    empty = tmp_path / "empty"
    (empty / "tmp").mkdir(parents=True)
    os.link(unpacked / "bin" / "bodega", empty / "bodega")
    serves("/bodega", under=[shutil.which("chroot"), empty])


def test_the_tarball_says_what_it_was_built_of(unpacked):
    lines = run(unpacked / "bin" / "bodega", "--version").splitlines()
    assert lines[0].startswith("bodega ") and len(lines[0].split()) == 2
    assert lines[1].startswith("commit ") and "unknown" not in lines[1]
    assert "static" in lines[2] and "jemalloc" in lines[3]


def test_the_tarball_brings_the_licences(unpacked):
    folder = unpacked / "share" / "doc" / "bodega"
    assert (folder / "LICENSE").exists() and (folder / "copyright").exists()
    assert {"librocksdb-dev", "libjemalloc-dev", "libc6-dev"} <= set(os.listdir(folder / "licenses"))


def test_the_wheel_serves(archive, serves, tmp_path):
    run(sys.executable, "-m", "venv", tmp_path / "venv")
    programs = tmp_path / "venv" / "bin"
    run(programs / "pip", "install", "--no-index", "--disable-pip-version-check",
        archive("bodega_server-*.whl"))
    serves(programs / "bodega")
    serves("bodega", under=[programs / "python", "-m"])
    assert run(programs / "python", "-m", "bodega", "--version").startswith("bodega ")
    run(programs / "pip", "uninstall", "-y", "bodega-server")
    assert not (programs / "bodega").exists()


def test_the_npm_package_serves(archive, serves, tmp_path):
    (tmp_path / "package.json").write_text("{}")
    run("npm", "install", "--offline", "--no-audit", "--no-fund", archive("bodega-server-*.tgz"),
        cwd=tmp_path)
    serves(tmp_path / "node_modules" / ".bin" / "bodega")
    assert run("npx", "--no-install", "bodega", "--version", cwd=tmp_path).startswith("bodega ")
    done = subprocess.run([tmp_path / "node_modules" / ".bin" / "bodega", "--no-such-flag"],
                          capture_output=True)
    assert done.returncode == 2


def test_the_build_installs(serves, tmp_path):
    run("cmake", "--install", ROOT / "build" / PRESET, "--prefix", tmp_path)
    assert ", shared libraries, " in run(tmp_path / "bin" / "bodega", "--version")
    unit = (tmp_path / "lib" / "systemd" / "system" / "bodega.service").read_text()
    assert f"ExecStart={tmp_path}/bin/bodega\n" in unit
    assert (tmp_path / "share" / "man" / "man1" / "bodega.1").stat().st_size > 1000
    assert not (tmp_path / "share" / "doc" / "bodega" / "licenses").exists()
    serves(tmp_path / "bin" / "bodega")
