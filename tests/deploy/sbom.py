"""`make sbom FILE`: what of ours is in the image, as CycloneDX: the distributions that the Dockerfile's steps install.

What the base image brings is in its own: it keeps its packages in /var/lib/dpkg/status.d, where scanners look.
"""

import subprocess
import sys
from pathlib import Path

from tests.deploy.image import Image, built_image
from tests.deploy.stages import ROOT

TOOL = Path(sys.executable).parent / "cyclonedx-py"


def write_sbom(image: Image, target: Path, *, validate: bool = True) -> None:
    """Writes the bill of materials of an image's files: without times and places, so that equal images have equal ones.

    Raises `subprocess.CalledProcessError` when it can't be made, or isn't valid.
    """
    options: list[str | Path] = ["--output-reproducible", "--of", "JSON", "--validate" if validate else "--no-validate"]
    options += ["--pyproject", ROOT / "pyproject.toml", "--mc-type", "application"]
    subprocess.run([TOOL, "environment", *options, "-o", target, image.python], check=True)


def main() -> None:
    """Builds the image's files and writes their bill of materials to the file named."""
    target = Path(sys.argv[1]).resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    with built_image() as image:
        write_sbom(image, target)
    sys.stdout.write(f"{target}\n")


if __name__ == "__main__":
    main()
