"""The .deb, installed by dpkg into a folder, and what it brings for the shell, the reader and systemd."""

import os
import re
import shutil
import subprocess

import pytest

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="dpkg installs as root")

SHELLS = {"bash": "usr/share/bash-completion/completions/bodega",
          "zsh": "usr/share/zsh/vendor-completions/_bodega",
          "fish": "usr/share/fish/vendor_completions.d/bodega.fish"}


def needs(program):
    """script/bootstrap package-test installs it."""
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"{program} is not installed")


def run(*command, **rest):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          timeout=60, **rest)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def dpkg(root, *arguments):
    return run("dpkg", f"--root={root}", "--force-script-chrootless", *arguments)


@pytest.fixture(scope="module")
def deb():
    from conftest import DIST
    [found] = DIST.glob("bodega_*.deb")
    return found


@pytest.fixture(scope="module")
def installed(deb, tmp_path_factory):
    """A file system that has nothing but the package."""
    root = tmp_path_factory.mktemp("root")
    for folder in ("info", "updates", "triggers"):
        (root / "var" / "lib" / "dpkg" / folder).mkdir(parents=True)
    (root / "var" / "lib" / "dpkg" / "status").touch()
    dpkg(root, "--install", deb)
    return root


def flags_of(root):
    return set(re.findall(r"^\s+(?:-\w,\s?)?(--[a-z][a-z-]+)", run(root / "usr/bin/bodega", "--help"),
                          re.MULTILINE))


def test_it_depends_on_nothing(deb):
    fields = run("dpkg-deb", "--field", deb)
    assert "Package: bodega\n" in fields and "Depends" not in fields
    listed = run("dpkg-deb", "--contents", deb)
    assert all(re.match(r"[-dl]\S+ root/root ", line) for line in listed.splitlines())


def test_it_serves(installed, serves):
    serves(installed / "usr" / "bin" / "bodega")


@needs("man")
def test_the_manual_page_renders_and_has_every_flag(installed):
    page = installed / "usr" / "share" / "man" / "man1" / "bodega.1"
    done = subprocess.run(["man", "--warnings", "-E", "ascii", "-l", page], capture_output=True,
                          text=True, env={**os.environ, "MANWIDTH": "100", "LC_ALL": "C.UTF-8"})
    assert done.returncode == 0 and done.stderr == ""
    text = re.sub(".\b", "", done.stdout)
    flags = flags_of(installed)
    assert len(flags) > 10
    assert [flag for flag in sorted(flags) if flag not in text] == []


@pytest.mark.parametrize("shell", [pytest.param(shell, marks=needs(shell)) for shell in SHELLS])
def test_completions_are_read_by_their_shell(installed, shell):
    script = installed / SHELLS[shell]
    run(shell, "-n", script)
    text = script.read_text()
    words = flags_of(installed)
    spelled = (f"-l {word[2:]} " if shell == "fish" else word for word in sorted(words))
    assert [word for word in spelled if word not in text] == []


def test_bash_completes(installed, tmp_path):
    script = installed / SHELLS["bash"]
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()

    def completed(*words):
        return sorted(run("bash", "-c", f"source '{script}'; COMP_WORDS=({' '.join(words)}); "
                          f"COMP_CWORD={len(words) - 1}; _bodega; "
                          "printf '%s\\n' \"${COMPREPLY[@]}\"", cwd=tmp_path).split())

    assert "--data" in completed("bodega", "--da")
    assert "verify" in completed("bodega", "ver")
    assert completed("bodega", "--data", "f") == ["folder"]
    assert completed("bodega", "--config", "f") == ["file", "folder"]
    assert completed("bodega", "verify", "fo") == ["folder"]


@needs("fish")
def test_fish_completes(installed):
    script = installed / SHELLS["fish"]
    assert "--data" in run("fish", "--no-config", "-c",
                           f"source {script}; complete -C 'bodega --da'")


@needs("systemd-analyze")
def test_systemd_reads_the_unit(installed, tmp_path):
    unit = tmp_path / "bodega.service"
    shutil.copy(installed / "usr/lib/systemd/system/bodega.service", unit)
    text = unit.read_text()
    assert "Type=notify" in text and "ExecStart=/usr/bin/bodega\n" in text
    # The page that it documents is not installed where man looks.
    text = text.replace("Documentation=man:bodega(1)\n", "")
    unit.write_text(text.replace("/usr/bin/bodega", str(installed / "usr/bin/bodega")))
    done = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True)
    assert "bodega.service" not in done.stderr, done.stderr
    score = run("systemd-analyze", "security", "--offline=yes", "--no-pager", unit)
    assert float(re.search(r"exposure level for \S+ (\d+\.\d)", score)[1]) < 2.5


def test_it_goes_without_a_trace(deb, tmp_path):
    for folder in ("info", "updates", "triggers"):
        (tmp_path / "var" / "lib" / "dpkg" / folder).mkdir(parents=True)
    (tmp_path / "var" / "lib" / "dpkg" / "status").touch()
    dpkg(tmp_path, "--install", deb)
    assert (tmp_path / "usr" / "bin" / "bodega").exists()
    dpkg(tmp_path, "--purge", "bodega")
    assert not (tmp_path / "usr").exists()
