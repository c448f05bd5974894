"""What the machine offers: ports, packages, and a user under whom PostgreSQL may run."""

from __future__ import annotations

import logging
import os
import pwd
import random
import shutil
import socket
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

logger = logging.getLogger("wurao.local")


class Unavailable(Exception):
    """A server cannot be had on this machine; the text says why and what to do."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def free_port() -> int:
    """Return a TCP port on 127.0.0.1 that nothing listens on.

    Ports below the ephemeral range: while a broker is down, no client's outgoing connection can take its port,
    nor can a client that reconnects to the port be connected to itself.
    """
    for _ in range(200):
        port = random.randint(15_000, 32_000)  # noqa: S311 - not a secret
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise Unavailable("no free TCP port between 15000 and 32000 on 127.0.0.1")


def clean_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment for a server: nothing of the caller's secrets or PG* settings leaks into it."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC", **(extra or {})}


def is_root() -> bool:
    return os.geteuid() == 0


def unprivileged_user() -> pwd.struct_passwd | None:
    """Return the user for servers that refuse to run as root; None when we are not root anyway."""
    if not is_root():
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise Unavailable("root may not run PostgreSQL, and there is neither a user postgres nor a user nobody")


def run(argv: Sequence[str], *, env: Mapping[str, str] | None = None, timeout: float = 600) -> None:
    """Run a command to its end; raise Unavailable with the end of its output when it fails."""
    try:
        done = subprocess.run(  # noqa: S603 - fixed commands, no shell
            argv, env=env, capture_output=True, text=True, timeout=timeout, check=False, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(f"{argv[0]}: {error}") from error
    if done.returncode:
        output = (done.stdout + done.stderr).strip()[-2000:]
        raise Unavailable(f"{' '.join(argv)} ended with {done.returncode}:\n{output}")


def can_apt_install() -> bool:
    return is_root() and Path("/etc/debian_version").exists() and shutil.which("apt-get") is not None


def apt_install(*packages: str) -> None:
    """Install Debian packages; raise Unavailable when this is not Debian, or we are not root."""
    if not can_apt_install():
        raise Unavailable(f"install {' '.join(packages)} (only root on Debian can do it by itself)")
    logger.warning("installing %s by apt-get", " ".join(packages))
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    apt = ["apt-get", "-q", "-o", "DPkg::Lock::Timeout=300"]
    run([*apt, "update"], env=env)
    run([*apt, "install", "-y", "--no-install-recommends", *packages], env=env, timeout=1200)
