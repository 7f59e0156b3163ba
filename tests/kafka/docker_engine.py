"""Whether a Docker engine is there. Standard library alone: tests/fetch_kafka asks before anything is installed."""

import os
import socket


def docker_answers() -> bool:
    """Whether something accepts connections where the Docker engine should."""
    address = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
    kind, _, place = address.partition("://")
    try:
        if kind == "unix":
            with socket.socket(socket.AF_UNIX) as engine:
                engine.settimeout(2)
                engine.connect(place)
        else:
            host, _, port = place.partition(":")
            socket.create_connection((host, int(port or 2375)), timeout=2).close()
    except (OSError, ValueError):
        return False
    return True
