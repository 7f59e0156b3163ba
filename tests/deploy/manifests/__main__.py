"""`python -m tests.deploy.manifests`: what `make lint` checks of deploy/kubernetes."""

import sys

from tests.deploy.manifests.lint import main

sys.exit(main())
