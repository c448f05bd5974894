from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

DEPLOY = Path(__file__).parents[1]


def load() -> Callable[[Path], list[str]]:
    spec = importlib.util.spec_from_file_location("deploy_lint", DEPLOY / "lint.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: Callable[[Path], list[str]] = module.problems
    return found


problems = load()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for name in ("Dockerfile", "compose.yaml", "postgres-init.sh"):
        shutil.copy(DEPLOY / name, tmp_path / name)
    shutil.copytree(DEPLOY / "kubernetes", tmp_path / "kubernetes")
    return tmp_path


def test_deployment_files_are_sound(copy: Path) -> None:
    """The files as committed have no problem."""
    assert problems(copy) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "complaint"),
    [
        ("Dockerfile", "USER 10001:10001", "USER root", "runs as root"),
        ("Dockerfile", "python:3.11-slim-bookworm\nARG", "python:latest\nARG", "names no version"),
        ("Dockerfile", "ARG SERVICE", "ARG OTHER", "no ARG SERVICE"),
        ("Dockerfile", "HEALTHCHECK", "# ", "no HEALTHCHECK"),
        ("compose.yaml", "SERVICE: penalty", "SERVICE: registry", "is not built with SERVICE=penalty"),
        ("compose.yaml", "wurao_app:${WURAO_APP_PASSWORD:?}", "wurao_app:plain", "secret in plain text"),
        ("compose.yaml", "  kafka:\n", "  broker:\n", "depends on kafka, which is not there"),
        ("compose.yaml", "services:", "services: [", "compose.yaml"),
        ("kubernetes/kustomization.yaml", "  - penalty\n", "", "leaves out penalty"),
        ("kubernetes/service/deployment.yaml", "/health/ready", "/", "readinessProbe"),
        ("kubernetes/service/deployment.yaml", "readOnlyRootFilesystem: true", "privileged: true", "writable"),
        ("kubernetes/service/deployment.yaml", "containers:", "container:", "deployment.yaml"),
        ("kubernetes/service/disruption.yaml", "PodDisruptionBudget", "PodBudget", "PodBudget"),
        ("kubernetes/service/kustomization.yaml", "disruption", "disruptions", "does not exist"),
    ],
)
def test_each_fault_is_found(copy: Path, file: str, old: str, new: str, complaint: str) -> None:
    """A fault put into one file is named."""
    path = copy / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    assert any(complaint in problem for problem in problems(copy))
