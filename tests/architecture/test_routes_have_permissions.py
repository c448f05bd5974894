"""Every route of every service names its permission, and says so in the OpenAPI document."""

import pytest

from wurao.common.auth import PERMISSIONS, Role
from wurao.common.web import openapi_document
from wurao.embedded.docs import built_services

SERVICES = built_services()
OPERATIONS = [
    (name, method.upper(), path, operation)
    for name, service in SERVICES.items()
    for path, methods in openapi_document(service.app)["paths"].items()
    for method, operation in methods.items()
]


@pytest.mark.parametrize(("service", "method", "path", "operation"), OPERATIONS)
def test_route_names_its_permission(service: str, method: str, path: str, operation: dict[str, object]) -> None:
    """The operation carries one permission, `public` for those that need no login."""
    security = operation.get("security")
    assert isinstance(security, list), f"{method} {service}{path} names no permission"
    named = [scope for requirement in security for scope in requirement.get("oidc", [])]
    assert len(named) == 1
    assert named[0] == "public" or named[0].split(".")[0] in {service, "platform"}


@pytest.mark.parametrize(("service", "method", "path", "operation"), OPERATIONS)
def test_route_documents_its_problems(service: str, method: str, path: str, operation: dict[str, object]) -> None:
    """Every operation documents that it may answer 401 and 429, as problem+json."""
    responses = operation["responses"]
    assert isinstance(responses, dict)
    assert {"401", "429"} <= set(responses), f"{method} {service}{path}"


def test_public_routes_are_the_known_kinds() -> None:
    """A route without login is under /public, health, metrics, the board, or policy that is public by law."""
    allowed = ("/v1/public/", "/public/", "/health/", "/metrics", "/board", "/v1/packs", "/v1/complaints/categories")
    open_routes = {
        f"{service} {path}"
        for service, _, path, operation in OPERATIONS
        if "public" in [scope for requirement in operation["security"] for scope in requirement.get("oidc", [])]
    }
    assert {route for route in open_routes if not route.split(" ")[1].startswith(allowed)} == set()


def test_every_role_can_do_something() -> None:
    """No role is left without a permission in all services."""
    held = {role for name, roles in PERMISSIONS.items() if name != "platform.jobs" for role in roles}
    assert set(Role) - held == set()


@pytest.mark.clause("DT-06")
def test_no_api_ranks_by_fines() -> None:
    """No parameter sorts or ranks by fines, and no answer ranks bodies or officers."""
    words = ("sort", "order_by", "rank", "top")
    for service, method, path, operation in OPERATIONS:
        parameters = operation.get("parameters", [])
        assert isinstance(parameters, list)
        names = {parameter["name"] for parameter in parameters}
        assert not {name for name in names if any(word in name for word in words)}, f"{method} {service}{path}"
        assert "rank" not in path
