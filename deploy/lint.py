"""Check what describes the deployment: Dockerfile, compose.yaml, Kubernetes manifests. Needs no engine, no cluster.

Run as `python deploy/lint.py`; prints each problem and ends with status 1 when there is one.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate  # type: ignore[import-untyped]
import yaml

SERVICES = ("registry", "scheduling", "checkin", "penalty", "supervision")
PROBES = {"startupProbe": "/health/live", "livenessProbe": "/health/live", "readinessProbe": "/health/ready"}
KINDS = {"Deployment", "Service", "PodDisruptionBudget", "HorizontalPodAutoscaler", "NetworkPolicy", "Job"}
_SECRET = re.compile(r"(password|secret|token)$", re.IGNORECASE)


def problems(deploy: Path) -> list[str]:
    """Return every problem of the files in `deploy`, in plain words."""
    documents, broken = _parsed(deploy)
    if broken:
        return broken
    return [
        *dockerfile_problems((deploy / "Dockerfile").read_text()),
        *compose_problems(deploy / "compose.yaml"),
        *kubernetes_problems(deploy / "kubernetes", documents),
    ]


def _parsed(deploy: Path) -> tuple[dict[Path, list[Any]], list[str]]:
    documents: dict[Path, list[Any]] = {}
    broken = []
    for path in sorted([deploy / "compose.yaml", *(deploy / "kubernetes").rglob("*.yaml")]):
        try:
            documents[path] = [document for document in yaml.safe_load_all(path.read_text()) if document]
        except (OSError, yaml.YAMLError) as error:
            broken.append(f"{path}: {error}")
    return documents, broken


def dockerfile_problems(text: str) -> Iterator[str]:
    """Yield what a Dockerfile for one service must have and this one has not."""
    lines = [line.strip() for line in text.replace("\\\n", " ").splitlines()]
    words = [line.split() for line in lines if line and not line.startswith("#")]
    stages = [at for at, line in enumerate(words) if line[0] == "FROM"]
    if len(stages) < 2:
        yield "Dockerfile: not multi-stage"
    for at in stages:
        yield from _image_problems("Dockerfile", words[at][1])
    last = words[stages[-1] :] if stages else []
    users = [line[1].split(":")[0] for line in last if line[0] == "USER"]
    if not users or users[-1] in {"root", "0"}:
        yield "Dockerfile: the last stage runs as root"
    if ["ARG", "SERVICE"] not in words:
        yield "Dockerfile: no ARG SERVICE"
    if not any(line[0] == "HEALTHCHECK" for line in last):
        yield "Dockerfile: no HEALTHCHECK"
    if not all(option in text for option in ("--frozen", "--no-dev", "--package", "--no-editable")):
        yield "Dockerfile: uv sync must install one package from the lock file, without development tools"


def _image_problems(where: str, image: str) -> Iterator[str]:
    tag = image.rpartition("/")[2].partition(":")[2]
    if tag in {"", "latest"} and "@sha256:" not in image:
        yield f"{where}: the image {image} names no version"


def compose_problems(path: Path) -> Iterator[str]:
    """Yield problems of the compose file: Docker's own where its client can check it, and ours always."""
    text = path.read_text()
    yield from _compose_config_problems(path, text)
    compose = yaml.safe_load(text)
    services = compose.get("services", {})
    for name, service in services.items():
        where = f"compose.yaml: {name}"
        yield from _image_problems(where, service.get("image", ""))
        yield from _compose_secret_problems(where, service.get("environment", {}))
        for other, how in service.get("depends_on", {}).items():
            if other not in services:
                yield f"{where}: depends on {other}, which is not there"
            elif how.get("condition") == "service_healthy" and "healthcheck" not in services[other]:
                yield f"{where}: waits for {other} to be healthy, which has no healthcheck"
        for section in ("secrets", "networks"):
            for used in set(service.get(section, [])) - set(compose.get(section, {})):
                yield f"{where}: {used} is not among the {section}"
    for name in SERVICES:
        yield from _compose_service_problems(name, services)
    for name in {"postgres", "kafka"} - set(services):
        yield f"compose.yaml: {name} is missing"


def _compose_service_problems(name: str, services: dict[str, Any]) -> Iterator[str]:
    where = f"compose.yaml: {name}"
    migration = services.get(f"{name}-migrate")
    if name not in services or migration is None:
        yield f"{where}: the service or its migration is missing"
        return
    for service in (services[name], migration):
        if service.get("build", {}).get("args", {}).get("SERVICE") != name:
            yield f"{where}: is not built with SERVICE={name}"
    done = services[name].get("depends_on", {}).get(f"{name}-migrate", {})
    if done.get("condition") != "service_completed_successfully":
        yield f"{where}: does not wait for its migration"


def _compose_secret_problems(where: str, environment: dict[str, Any]) -> Iterator[str]:
    for name, value in environment.items():
        literal = _SECRET.search(name) and not str(value).startswith("${")
        login = re.search(r"://[^/@:]*:([^@]*)@", str(value))
        if literal or (login and not login[1].startswith("${")):
            yield f"{where}: {name} holds a secret in plain text"


def _compose_config_problems(path: Path, text: str) -> Iterator[str]:
    docker = shutil.which("docker")
    if docker is None or subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode:  # noqa: S603
        return
    values = dict.fromkeys(re.findall(r"\$\{(\w+)", text), "x") | dict.fromkeys(_secret_variables(text), "x")
    command = [docker, "compose", "-f", str(path), "config", "--quiet"]
    done = subprocess.run(command, env={**os.environ, **values}, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        yield f"compose.yaml: {done.stderr.strip()}"


def _secret_variables(text: str) -> list[str]:
    return [secret["environment"] for secret in yaml.safe_load(text)["secrets"].values() if "environment" in secret]


def kubernetes_problems(folder: Path, documents: dict[Path, list[Any]]) -> Iterator[str]:
    """Yield problems of the manifests as written and, where kubectl is installed, as kustomize builds them."""
    written = [
        (path.relative_to(folder.parent), document)
        for path, found in documents.items()
        if path.is_relative_to(folder) and path.name != "kustomization.yaml"
        for document in found
    ]
    for path, document in written:
        yield from _manifest_problems(str(path), document)
    missing = KINDS - {document["kind"] for _, document in written}
    if missing:
        yield f"kubernetes: no {', '.join(sorted(missing))}"
    for path, found in documents.items():
        if path.name == "kustomization.yaml":
            yield from _reference_problems(path, found[0])
    root = documents.get(folder / "kustomization.yaml", [{}])[0]
    for name in SERVICES:
        if name not in root.get("resources", []):
            yield f"kubernetes: kustomization.yaml leaves out {name}"
    yield from _built_problems(folder)


def _reference_problems(path: Path, kustomization: dict[str, Any]) -> Iterator[str]:
    for name in [*kustomization.get("resources", []), *kustomization.get("components", [])]:
        target = path.parent / name
        if not target.is_file() and not (target / "kustomization.yaml").is_file():
            yield f"{path}: {name} does not exist"


def _built_problems(folder: Path) -> Iterator[str]:
    kubectl, kustomize = shutil.which("kubectl"), shutil.which("kustomize")
    if kubectl is None and kustomize is None:
        return
    command = [kubectl, "kustomize", str(folder)] if kubectl else [str(kustomize), "build", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        yield f"kubernetes: {done.stderr.strip()}"
        return
    built = [document for document in yaml.safe_load_all(done.stdout) if document]
    for document in built:
        yield from _manifest_problems(f"built {document['kind']}/{document['metadata']['name']}", document)
    for name in SERVICES:
        label = [d["kind"] for d in built if d["metadata"].get("labels", {}).get("app.kubernetes.io/name") == name]
        if KINDS - set(label):
            yield f"kubernetes: {name} has no {', '.join(sorted(KINDS - set(label)))}"


def _manifest_problems(where: str, document: dict[str, Any]) -> Iterator[str]:
    try:
        kubernetes_validate.validate(document, kubernetes_validate.latest_version(), strict=True)
    except (kubernetes_validate.ValidationError, kubernetes_validate.SchemaNotFoundError) as error:
        yield f"{where}: {error.message}"
        return
    if document["kind"] == "Secret":
        yield f"{where}: a secret does not belong into the repository"
    if document["kind"] in {"Deployment", "Job"}:
        yield from _pod_problems(where, document["kind"], document["spec"]["template"]["spec"])


def _pod_problems(where: str, kind: str, pod: dict[str, Any]) -> Iterator[str]:
    if not pod.get("securityContext", {}).get("runAsNonRoot"):
        yield f"{where}: may run as root"
    for container in pod["containers"]:
        yield from _image_problems(where, container["image"])
        context = container.get("securityContext", {})
        if not context.get("readOnlyRootFilesystem") or context.get("allowPrivilegeEscalation") is not False:
            yield f"{where}: the root file system is writable, or privileges may grow"
        if "memory" not in container.get("resources", {}).get("limits", {}):
            yield f"{where}: no memory limit"
        for variable in container.get("env", []):
            if "DATABASE_URL" in variable["name"] and "secretKeyRef" not in variable.get("valueFrom", {}):
                yield f"{where}: {variable['name']} is not taken from a secret"
        for probe, path in PROBES.items() if kind == "Deployment" else ():
            if container.get(probe, {}).get("httpGet", {}).get("path") != path:
                yield f"{where}: the {probe} does not ask {path}"


def main() -> int:
    found = problems(Path(__file__).parent)
    for problem in found:
        sys.stderr.write(f"{problem}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
