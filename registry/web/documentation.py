"""The API described on a page of our own, made from the OpenAPI document: no script, both themes, printable."""

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from registry.web.page import CurrentPage

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one address."""

    anchor: str
    method: str
    path: str
    summary: str
    description: str
    parameters: tuple[dict[str, Any], ...]
    body: str | None
    responses: tuple[tuple[str, str, str | None], ...]
    """Status, description and schema."""


@router.get("/api/docs")
def api_documentation(page: CurrentPage) -> Response:
    """Every operation with its parameters and answers, and every schema."""
    document = page.request.app.openapi()
    groups: dict[str, list[Operation]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            groups.setdefault(operation.get("tags", ["other"])[0], []).append(_operation(path, method, operation))
    schemas = document.get("components", {}).get("schemas", {})
    return page.render("documentation.html", groups=groups, schemas=schemas, type_name=type_name)


def _operation(path: str, method: str, operation: dict[str, Any]) -> Operation:
    body = operation.get("requestBody", {}).get("content", {})
    return Operation(
        anchor=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation.get("summary", ""),
        description=operation.get("description", ""),
        parameters=tuple(operation.get("parameters", ())),
        body=next((type_name(content["schema"]) for content in body.values() if "schema" in content), None),
        responses=tuple(
            (status, response.get("description", ""), _schema_of(response))
            for status, response in sorted(operation.get("responses", {}).items())
        ),
    )


def _schema_of(response: dict[str, Any]) -> str | None:
    return next(
        (type_name(content["schema"]) for content in response.get("content", {}).values() if content.get("schema")),
        None,
    )


def type_name(schema: dict[str, Any]) -> str:
    """A schema in a few words: `string (date-time)`, `list of CertificateView`, `A or null`."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    for key in ("anyOf", "oneOf", "allOf"):
        if key in schema:
            return " or ".join(dict.fromkeys(type_name(part) for part in schema[key]))
    if "enum" in schema:
        return ", ".join(str(value) for value in schema["enum"])
    if "const" in schema:
        return str(schema["const"])
    if schema.get("type") == "array":
        return f"list of {type_name(schema.get('items', {}))}"
    kind = str(schema.get("type", "any"))
    return f"{kind} ({schema['format']})" if "format" in schema else kind
