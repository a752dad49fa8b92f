"""The search node's tool: what it takes, said in plain sentences; what it knows of a node that runs."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

import search_node
from environment import Trouble

pytestmark = pytest.mark.once


@pytest.fixture(autouse=True)
def empty_home(monkeypatch, tmp_path):
    monkeypatch.setattr(search_node, "HOME", tmp_path)
    return tmp_path


def java(folder: Path, version: str) -> Path:
    """A folder that looks like a Java."""
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "java").touch()
    (folder / "release").write_text(f'IMPLEMENTOR="x"\nJAVA_VERSION="{version}"\n')
    return folder / "bin" / "java"


@pytest.mark.parametrize(("version", "major"), [("25.0.2", 25), ("21", 21), ("17.0.15", 17), ("1.8.0_402", 1)])
def test_the_version_of_a_java_is_read_from_its_release_file(tmp_path, version, major):
    assert search_node.java_version(java(tmp_path / "jdk", version)) == major


def test_a_java_home_that_is_new_enough_is_taken_first(tmp_path, monkeypatch):
    new = java(tmp_path / "new", "22.0.1")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "new"))
    assert search_node.find_java() == new


def test_a_java_home_that_is_too_old_is_passed_over(tmp_path, monkeypatch):
    old = java(tmp_path / "old", "17.0.15")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "old"))
    assert search_node.find_java() != old


def test_without_maven_it_says_how_to_have_it(monkeypatch):
    monkeypatch.setattr(search_node.shutil, "which", lambda name: None)
    with pytest.raises(Trouble) as said:
        search_node.fetch_jars("pom.xml", "lib")
    assert "sudo apt install maven" in said.value.indonesian
    assert "sudo apt install maven" in said.value.english


def test_jars_are_fetched_once_for_each_state_of_their_list(empty_home, monkeypatch):
    fetched = []

    def maven(command, check, stdout):
        folder = Path(command[-1].split("=")[1])
        folder.mkdir()
        (folder / "a.jar").touch()
        fetched.append(command)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(search_node.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(search_node.subprocess, "run", maven)
    for _time in range(2):
        assert search_node.fetch_jars("pom.xml", "lib") == empty_home / "lib"
    assert len(fetched) == 1


def test_a_node_whose_process_is_gone_or_another_is_not_known(empty_home):
    node = search_node.Node("main", home=empty_home)
    assert node.known() is None
    node.folder.mkdir(parents=True)
    for pid in (2**22 + 1, os.getpid()):
        (node.folder / "state.json").write_text(json.dumps({"pid": pid, "port": 9201}))
        assert node.known() is None
    assert node.stop() is False


def test_several_nodes_are_told_of_each_other_and_one_is_alone(empty_home):
    alone = search_node.Node("main", home=empty_home)._settings()
    assert "discovery.type=single-node" in alone
    assert "network.host=127.0.0.1" in alone
    several = search_node.Node("a", seeds=("127.0.0.1:1", "127.0.0.1:2"), names=("a", "b"), home=empty_home)._settings()
    assert "discovery.seed_hosts=127.0.0.1:1,127.0.0.1:2" in several
    assert "cluster.initial_cluster_manager_nodes=a,b" in several
