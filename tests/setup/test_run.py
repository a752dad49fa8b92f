"""What `make run` says when the machine is not as it should be: a plain sentence in two languages, and what to do."""

import ast
import errno
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import environment as house  # noqa: E402
import run  # noqa: E402

pytestmark = pytest.mark.once


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


@pytest.fixture
def empty_house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tree of its own without an environment."""
    for name in ("ROOT", "VAR", "VENV", "PYTHON"):
        monkeypatch.setattr(
            house,
            name,
            {"ROOT": tmp_path, "VAR": tmp_path / "var", "VENV": tmp_path / ".venv"}.get(
                name, tmp_path / ".venv" / "bin" / "python"
            ),
        )
    (tmp_path / "requirements.txt").write_text("")
    return tmp_path


def make_run(**environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "tools/run.py"],
        check=False,
        cwd=ROOT,
        env=os.environ | environ,
        capture_output=True,
        text=True,
        timeout=240,
    )


def test_a_taken_port(taken_port: int):
    result = make_run(PORT=str(taken_port))
    assert result.returncode == 1
    assert f"Port {taken_port} sedang dipakai program lain. Jalankan: make run PORT=" in result.stdout
    assert f"Port {taken_port} is in use by another program. Run: make run PORT=" in result.stdout
    assert "Traceback" not in result.stdout + result.stderr


@pytest.mark.parametrize("port", ["abc", "0", "70000", "80 80"])
def test_a_port_that_is_none(port: str):
    result = make_run(PORT=port)
    assert result.returncode == 1
    assert f"not “{port}”" in result.stdout
    assert "make run PORT=8001" in result.stdout


def test_no_python_at_all(tmp_path: Path):
    for tool in ("make", "sh", "printf"):
        (tmp_path / tool).symlink_to(f"/usr/bin/{tool}")
    result = subprocess.run(
        ["make", "run"], check=False, cwd=ROOT, env={"PATH": str(tmp_path)}, capture_output=True, text=True
    )
    assert result.returncode != 0
    assert "Python belum ada di sini. Pasang Python 3.11 atau lebih baru" in result.stdout
    assert "There is no Python here. Install Python 3.11 or newer" in result.stdout


def fake_python(folder: Path, name: str, script: str) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def only_path(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("PYTHON", raising=False)


def test_only_an_old_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    old = fake_python(tmp_path, "python3", "echo False")
    only_path(tmp_path, monkeypatch)
    monkeypatch.setattr(sys, "executable", str(old))
    with pytest.raises(house.Trouble) as caught:
        house.find_python()
    assert "Perlu Python 3.11 atau lebih baru" in caught.value.indonesian
    assert "Python 3.11 or newer is needed" in caught.value.english


def test_a_newer_python_beside_the_old_one_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    old = fake_python(tmp_path, "python3", "echo False")
    new = fake_python(tmp_path, "python3.12", "echo True")
    only_path(tmp_path, monkeypatch)
    monkeypatch.setattr(sys, "executable", str(old))
    assert house.find_python() == str(new)


def test_a_python_without_venv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    bare = fake_python(tmp_path, "python3", "echo True; exit 1")
    only_path(tmp_path, monkeypatch)
    monkeypatch.setattr(sys, "executable", str(bare))
    with pytest.raises(house.Trouble, match="apt install python3-venv"):
        house.find_python()


def test_an_old_python_can_read_the_first_script():
    """No syntax newer than Python 3.6, so that an old one says what is missing instead of a SyntaxError."""
    for name in ("environment.py", "run.py", "test.py"):
        tree = ast.parse((ROOT / "tools" / name).read_text(), name, feature_version=(3, 6))
        assert not any(isinstance(node, ast.ImportFrom) and node.module == "__future__" for node in ast.walk(tree)), (
            name
        )


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (PermissionError(errno.EACCES, "no", "/x"), "tidak bisa ditulisi: /x"),
        (OSError(errno.EROFS, "no", "/x"), "tidak bisa ditulisi: /x"),
        (OSError(errno.ENOSPC, "full", "/x"), "Ruang disk habis di /x"),
        (OSError(errno.EIO, "odd"), "Gagal: "),
    ],
)
def test_what_the_system_refuses_is_said_plainly(error: OSError, sentence: str, capsys: pytest.CaptureFixture[str]):
    def refuse():
        raise error

    assert house.guarded(refuse) == 1
    assert sentence in capsys.readouterr().out


def test_a_full_disk_is_noticed_before_anything_is_installed(empty_house: Path, monkeypatch: pytest.MonkeyPatch):
    usage = type("Usage", (), {"free": 10 * 1024 * 1024})
    monkeypatch.setattr(house.shutil, "disk_usage", lambda path: usage)
    with pytest.raises(house.Trouble, match="The disk is full"):
        house.ensure("run")
    assert not (empty_house / ".venv").exists()


def test_a_half_made_environment_is_made_anew(empty_house: Path, monkeypatch: pytest.MonkeyPatch):
    venv = empty_house / ".venv"
    (venv / "lib").mkdir(parents=True)
    (venv / "lib" / "half").write_text("a package that was being installed when the power went")
    (venv / ".unfinished").touch()
    installed = []
    monkeypatch.setattr(house, "install", installed.append)
    house.ensure("run")
    assert not (venv / "lib" / "half").exists()
    assert house.works()
    assert installed == ["run"]
    assert not (venv / ".unfinished").exists()
    house.ensure("run")
    assert installed == ["run"], "a second time there is nothing to do"
    (empty_house / "requirements.txt").write_text("# one more\n")
    house.ensure("run")
    assert installed == ["run", "run"], "changed requirements are installed"


def test_an_install_that_broke_off_is_remembered(empty_house: Path, monkeypatch: pytest.MonkeyPatch):
    def break_off(kind: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(house, "install", break_off)
    assert house.guarded(lambda: house.ensure("run")) == 1
    assert (empty_house / ".venv" / ".unfinished").exists()


def test_a_half_made_environment_behind_a_link_is_left_as_it_is(empty_house: Path, monkeypatch: pytest.MonkeyPatch):
    theirs = empty_house / "theirs"
    (theirs / "lib").mkdir(parents=True)
    (theirs / ".unfinished").touch()
    (empty_house / ".venv").symlink_to(theirs)
    installed: list[str] = []
    monkeypatch.setattr(house, "install", installed.append)
    with pytest.raises(house.Trouble, match="only a link to"):
        house.ensure("run")
    assert installed == []
    assert sorted(path.name for path in theirs.iterdir()) == [".unfinished", "lib"]


def test_a_stamp_stands_only_for_what_it_was_made_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(run, "STATE", tmp_path)
    done = []
    run.once("demo", lambda: "a", lambda: done.append(1))
    run.once("demo", lambda: "a", lambda: done.append(2))
    run.once("demo", lambda: "b", lambda: done.append(3))
    assert done == [1, 3]

    def fail() -> None:
        raise house.Trouble("gagal", "failed")

    with pytest.raises(house.Trouble):
        run.once("demo", lambda: "c", fail)
    run.once("demo", lambda: "b", lambda: done.append(4))
    assert done == [1, 3, 4], "what broke off is done again"
