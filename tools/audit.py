"""Asks the vulnerability service about every locked package of the product.

Exits with 1 for a known vulnerability, and with 75 when the service could not answer, after saying so.
"""

import json
import subprocess
import sys
from pathlib import Path

OUT_OF_REACH = 75


def main() -> int:
    command = [str(Path(sys.executable).parent / "pip-audit"), "--require-hashes", "--disable-pip", "--timeout", "20"]
    command += ["--progress-spinner", "off", "--format", "json", "-r", "requirements.txt"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if not done.stdout.startswith("{"):
        print(
            "NOT CHECKED: the vulnerability service did not answer:",
            (done.stderr.strip() or "-").splitlines()[-1][:300],
        )
        return OUT_OF_REACH
    packages = json.loads(done.stdout)["dependencies"]
    asked = [package for package in packages if "skip_reason" not in package]
    vulnerable = [package for package in asked if package["vulns"]]
    for package in vulnerable:
        for found in package["vulns"]:
            fixed = ", ".join(found["fix_versions"]) or "none yet"
            print(f"{package['name']} {package['version']}: {found['id']}, fixed in {fixed}")
    if vulnerable:
        return 1
    if len(asked) < len(packages):
        print(f"NOT CHECKED: the vulnerability service knew {len(asked)} of {len(packages)} packages")
        return OUT_OF_REACH
    print(f"{len(packages)} packages, no known vulnerability")
    return 0


if __name__ == "__main__":
    sys.exit(main())
