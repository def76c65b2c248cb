"""Network ports of this machine."""

import errno
import socket

from sledi.cli import Refused


def require_free(host: str, port: int) -> None:
    """Raise Refused when nobody could listen on this port now."""
    try:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as problem:
        if problem.errno == errno.EADDRINUSE:
            raise Refused(
                f"port {port} is taken by another program: give another one with --port"
            ) from problem
        raise Refused(f"port {port} on {host} cannot be used: {problem.strerror}") from problem
    except OverflowError:
        raise Refused(f"{port} is no port: give one between 1 and 65535 with --port") from None


def any_free(host: str = "127.0.0.1") -> int:
    """A port that is free at this moment."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port
