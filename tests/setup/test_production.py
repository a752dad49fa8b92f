"""What a real site is started with: settings that refuse to guess, and files that fit together."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tools.lint import PRODUCTION

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.once


def start(**environ: str | None) -> subprocess.CompletedProcess[str]:
    """Load the production settings in a process of its own with exactly this environment."""
    base = {"PATH": os.environ["PATH"], **PRODUCTION}
    given = {key: value for key, value in {**base, **environ}.items() if value is not None}
    code = "import django; django.setup(); print('started')"
    return subprocess.run(
        [sys.executable, "-c", code], check=False, cwd=ROOT, env=given, capture_output=True, text=True, timeout=240
    )


def test_it_starts_with_everything_set():
    result = start()
    assert result.stdout == "started\n", result.stderr


@pytest.mark.parametrize("name", ["SECRET_KEY", "SALT_KEY", "ALLOWED_HOSTS", "REDIS_URL"])
def test_it_refuses_to_start_without(name: str):
    result = start(**{name: None})
    assert result.returncode != 0
    assert f"Set the {name} environment variable" in result.stderr


def test_every_setting_by_environment_is_told_to_operators():
    used = set()
    for path in [ROOT / "marketplace/settings/base.py", ROOT / "marketplace/settings/production.py"]:
        used |= set(re.findall(r"""env(?:\.\w+)?\(\s*"([A-Z_]+)""", path.read_text()))
    told = (ROOT / "docs/operating.md").read_text()
    assert {name for name in used if f"`{name}`" not in told and name not in told} == set()


def test_compose_asks_only_for_what_the_example_names():
    text = (ROOT / "compose.yaml").read_text()
    example = (ROOT / ".env.example").read_text()
    for name in re.findall(r"(?<!\$)\$\{([A-Z_]+)", text):
        assert re.search(rf"^{name}=", example, re.M), name
    for line in example.splitlines():
        assert not re.match(r"(SECRET_KEY|SALT_KEY|\w*PASSWORD|STRIPE_\w+)=.", line), "the example holds no secret"


def test_compose_gives_private_papers_to_the_site_alone():
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    mounted = {
        name: [str(volume).split(":")[0] for volume in service.get("volumes", [])] for name, service in services.items()
    }
    assert {name for name, volumes in mounted.items() if "private" in volumes} == {"web", "worker", "setup"}
    assert [name for name, service in services.items() if service.get("ports")] == ["proxy"]
    for name in ("web", "worker", "setup"):
        assert services[name]["read_only"] is True
        assert services[name]["cap_drop"] == ["ALL"]


def test_images_have_a_version():
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    for name, service in services.items():
        if "build" not in service:
            assert re.search(r":\d+(\.\d+)*", service["image"]), name
    for image in re.findall(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text(), re.M):
        assert re.search(r":\d+\.\d+", image), image


def test_what_the_image_copies_exists_and_is_let_in():
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    for line in re.findall(r"^COPY (?!--from)(.+)$", (ROOT / "Dockerfile").read_text(), re.M):
        for source in line.split()[:-1]:
            assert (ROOT / source).exists(), source
            assert any(f"!{source}".startswith(entry) for entry in ignored if entry.startswith("!")), source
    assert re.search(r"^USER lapak$", (ROOT / "Dockerfile").read_text(), re.M)


def test_the_front_door_forwards_only_what_it_knows():
    conf = (ROOT / "tools/deploy/nginx.conf").read_text()
    proxy = (ROOT / "tools/deploy/proxy.conf").read_text()
    # The throttles count this address; a client that sends its own must not be believed.
    assert "proxy_set_header X-Real-IP $remote_addr;" in proxy
    assert "location = /metrics { return 404; }" in conf
    assert "private" not in re.sub(r"#.*", "", conf).replace("$is_private", "")
