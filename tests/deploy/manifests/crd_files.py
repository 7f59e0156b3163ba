"""The definitions of custom resources: which files of which Go modules they are, and where they lie once fetched.

The oldest versions that deploy/README.md promises, and newer ones. Both projects are under the Apache License 2.0; no
file of theirs is kept in this repository. Standard library only: tests/fetch_crds reads this without an environment.
"""

from dataclasses import dataclass
from pathlib import Path

KEDA = "github.com/kedacore/keda/v2"
OPERATOR = "github.com/prometheus-operator/prometheus-operator"
SCALED_OBJECTS = "config/crd/bases/keda.sh_scaledobjects.yaml"
LOGINS = "config/crd/bases/keda.sh_triggerauthentications.yaml"
POD_MONITORS = "example/prometheus-operator-crd/monitoring.coreos.com_podmonitors.yaml"


@dataclass(frozen=True)
class Definition:
    """A file of a module, known by its content."""

    module: str
    version: str
    path: str
    sha256: str

    def within(self, cache: Path) -> Path:
        """Where it lies in the folder for what is fetched."""
        return cache / "crds" / self.version / Path(self.path).name


DEFINITIONS = (
    Definition(KEDA, "v2.13.0", SCALED_OBJECTS, "508dd332ded10b4660e7595a185c38a7e21459395ddf0247385612adb5d91321"),
    Definition(KEDA, "v2.13.0", LOGINS, "69414ae5e75097bf68780adc9e859318661face9d766f9603235e1c2c1e15882"),
    Definition(KEDA, "v2.21.0", SCALED_OBJECTS, "af35555862a83933b074af14ad439c4b4ceabaf4daa3e9338e9b23e36d308d80"),
    Definition(KEDA, "v2.21.0", LOGINS, "ed59ab37b2fa9a18119484a3dbd849b0b18ed25e1aea91d9f1305d4da2215bd8"),
    Definition(OPERATOR, "v0.70.0", POD_MONITORS, "b55e2c6819b3df835f99790159d8cc8bb654395c59d84f709d8b1a7ba0474f97"),
    Definition(OPERATOR, "v0.85.0", POD_MONITORS, "8ce88c52c51209993511cae093089c9525f5552def88119e3f559123ee9d454b"),
)
