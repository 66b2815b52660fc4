"""How long it takes from nothing to the first answer, for each of the archives in dist/:

    debootstrap --variant=minbase bookworm /tmp/bare
    unshare --mount python3 tests/bench/first_answer.py /tmp/bare dist

Each is installed in a bare Debian 12 of its own (an overlay of that folder; as root), started there, and asked for
/_bodega/health until it answers. What an archive needs and a bare Debian lacks (Python, Node.js) is installed
before and counted apart."""

import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request

PORT = 14566
LIMIT_S = 30
APT = ["apt-get", "-qq", "install", "-y", "--no-install-recommends"]
# The archive, what it needs, how it is installed, how it is started; {} is the archive in the root.
KINDS = [
    ("bodega-*-linux-*.tar.gz", [],
     ["tar", "xf", "{}", "-C", "/usr/local", "--strip-components=1"], ["bodega"]),
    ("bodega_*.deb", [], ["dpkg", "-i", "{}"], ["bodega"]),
    ("bodega_server-*.whl", ["python3-pip"],
     ["pip", "install", "-q", "--no-index", "--break-system-packages", "--root-user-action=ignore", "{}"],
     ["bodega"]),
    ("bodega-server-*.tgz", ["nodejs", "npm"],
     ["npm", "install", "--silent", "--global", "--offline", "{}"], ["bodega"]),
]


def inside(root, command):
    begun = time.monotonic()
    subprocess.run(["chroot", root, "env", "DEBIAN_FRONTEND=noninteractive", *command], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.monotonic() - begun


def answered(root, command):
    begun = time.monotonic()
    process = subprocess.Popen(
        ["chroot", root, *command, "--http", f"127.0.0.1:{PORT}", "--redis", "off"],
        stdout=subprocess.DEVNULL)
    try:
        while time.monotonic() - begun < LIMIT_S:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{PORT}/_bodega/health", timeout=1).read()
                return time.monotonic() - begun
            except OSError:
                time.sleep(0.002)
        raise RuntimeError(f"{command} did not answer")
    finally:
        process.terminate()
        process.wait()


def measure(bare, archive, needs, install, start):
    with tempfile.TemporaryDirectory(dir=bare.parent) as folder:
        root = pathlib.Path(folder) / "root"
        for name in ("upper", "work", "root"):
            (pathlib.Path(folder) / name).mkdir()
        layers = f"lowerdir={bare},upperdir={folder}/upper,workdir={folder}/work"
        subprocess.run(["mount", "-t", "overlay", "overlay", "-o", layers, root], check=True)
        try:
            subprocess.run(["mount", "-t", "proc", "proc", root / "proc"], check=True)
            shutil.copy("/etc/resolv.conf", root / "etc" / "resolv.conf")
            shutil.copy(archive, root / "tmp")
            runtime = inside(root, ["apt-get", "-qq", "update"]) + inside(root, APT + needs) \
                if needs else 0
            path = f"/tmp/{archive.name}"
            installed = inside(root, [word.replace("{}", path) for word in install])
            return runtime, installed, answered(root, start)
        finally:
            subprocess.run(["umount", "--recursive", root], check=True)


def main():
    bare, dist = (pathlib.Path(word).resolve() for word in sys.argv[1:3])
    only = sys.argv[3:]
    for pattern, needs, install, start in KINDS:
        if only and not any(word in pattern for word in only):
            continue
        [archive] = dist.glob(pattern)
        runtime, installed, answer = measure(bare, archive, needs, install, start)
        before = f" (after {runtime:.1f} s for {', '.join(needs)})" if needs else ""
        print(f"{archive.name}: installed in {installed:.2f} s, answered {answer:.2f} s later{before}",
              flush=True)


main()
