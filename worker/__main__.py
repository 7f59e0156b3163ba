"""`python -m worker` is `orcid-sync`."""

from worker.cli.app import main

if __name__ == "__main__":
    main()
