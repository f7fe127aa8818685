"""Holds requests and answers against the vendor's official OpenAPI document.

>>> contract = Contract("mollie", "http://127.0.0.1:8079/mollie")   # doctest: +SKIP
>>> contract.check(requests.get(...))                               # doctest: +SKIP
"""

import json
from functools import cache
from typing import Any

import requests
from openapi_core import Config, OpenAPI
from openapi_core.contrib.requests import (
    RequestsOpenAPIRequest,
    RequestsOpenAPIResponse,
)

from .trim import small

ERRORS = ("400", "401", "403", "404", "409", "410", "422", "429")
MEDIA_TYPES = ("application/hal+json", "application/*")


class ContractError(AssertionError):
    """A request or an answer is not as the document says; the text says where."""


def document(name: str) -> dict:
    """The trimmed document, made ready for a strict reader: ``{format}`` in paths is
    ``.json``, parameters that may be null are plain, and what a request has to send is
    what it may send (fields that only answers have are not asked from it).
    """
    found = small(name)
    found["paths"] = {
        path.replace("{format}", ".json"): item for path, item in found["paths"].items()
    }
    schemas = found["components"]["schemas"]
    for parameter in found["components"].get("parameters", {}).values():
        _settle(parameter, schemas)
    for item in found["paths"].values():
        for operation in (item, *item.values()):
            if isinstance(operation, dict):
                _settle_operation(operation, schemas)
    _allow_null(found)
    _Writable(found).apply()
    _complete(found)
    return found


def _complete(found: dict) -> None:
    """The documents name few of the error statuses at each operation: the others have
    the shape that the document has for this status, else that of its neighbours.
    """
    every = [
        operation["responses"]
        for item in found["paths"].values()
        for operation in item.values()
        if isinstance(operation, dict) and "responses" in operation
    ]
    usual: dict = {}
    for name in found["components"].get("responses", {}):
        usual.setdefault(name[:3], {"$ref": f"#/components/responses/{name}"})
    for responses in every:
        usual = {**responses, **usual}  # the first one named stays
    for responses in every:
        for status in ERRORS:
            responses.setdefault(status, usual.get(status, usual["404"]))


def _allow_null(node: Any) -> None:
    """Where a type may be null its list of values may be too (some lists forget)."""
    for child in node.values() if isinstance(node, dict) else node:
        if isinstance(child, dict | list):
            _allow_null(child)
    if isinstance(node, dict) and isinstance(node.get("enum"), list):
        if "null" in (node.get("type") or ()) and None not in node["enum"]:
            node["enum"].append(None)


def _settle_operation(operation: dict, schemas: dict) -> None:
    rows = operation.get("parameters")
    if not isinstance(rows, list):
        return
    operation["parameters"] = [
        row
        for row in rows
        if not row.get("$ref", "").endswith("/format") and row.get("name") != "format"
    ]
    for row in operation["parameters"]:
        _settle(row, schemas)


def _settle(parameter: dict, schemas: dict) -> None:
    schema = parameter.get("schema", {})
    if "$ref" in schema:
        schema = dict(schemas[schema["$ref"].rsplit("/", 1)[1]])
        parameter["schema"] = schema
    if isinstance(schema.get("type"), list):
        kinds = [kind for kind in schema["type"] if kind != "null"]
        schema["type"] = kinds[0] if len(kinds) == 1 else "string"


class _Writable:
    """Gives request bodies schemas of their own, without the duty to send readOnly
    fields: the documents share one schema between request and answer.
    """

    def __init__(self, found: dict) -> None:
        self.schemas = found["components"]["schemas"]
        self.found = found
        self.made: dict[str, Any] = {}

    def apply(self) -> None:
        for item in self.found["paths"].values():
            for operation in item.values():
                if isinstance(operation, dict) and "requestBody" in operation:
                    operation["requestBody"] = self.copy(operation["requestBody"])
        self.schemas.update(self.made)

    def copy(self, node: Any) -> Any:
        if isinstance(node, list):
            return [self.copy(item) for item in node]
        if not isinstance(node, dict):
            return node
        made = {key: self.copy(value) for key, value in node.items()}
        target = node.get("$ref")
        if isinstance(target, str) and target.startswith("#/components/schemas/"):
            name = target.rsplit("/", 1)[1]
            made["$ref"] = f"{target}.write"
            if f"{name}.write" not in self.made:
                self.made[f"{name}.write"] = {}
                self.made[f"{name}.write"] = self.copy(self.schemas[name])
        if isinstance(made.get("required"), list):
            fields = node.get("properties", {})
            made["required"] = [
                name
                for name in made["required"]
                if not self.is_read_only(fields.get(name))
            ]
        return made

    def is_read_only(self, node: Any) -> bool:
        if not isinstance(node, dict):
            return False
        if node.get("readOnly"):
            return True
        name = str(node.get("$ref", "")).rsplit("/", 1)[-1]
        parts = [*node.get("allOf", []), self.schemas.get(name)]
        return any(self.is_read_only(part) for part in parts)


@cache
def _openapi(name: str, base_url: str) -> OpenAPI:
    found = document(name)
    found["servers"] = [{"url": base_url}]
    config = Config(
        # the trimmed document has no texts, which the check of documents asks for
        spec_validator_cls=None,
        extra_media_type_deserializers=dict.fromkeys(MEDIA_TYPES, json.loads),
    )
    return OpenAPI.from_dict(found, config=config)


class Contract:
    """One vendor's document, as served under ``base_url``."""

    def __init__(self, name: str, base_url: str) -> None:
        self._openapi = _openapi(name, base_url)

    def check(self, answer: requests.Response, ask: bool = True) -> requests.Response:
        """:param ask: check the request too (not where it is wrong on purpose)
        :return: the same answer
        :raise ContractError: when one of them does not fit
        """
        request = RequestsOpenAPIRequest(answer.request)
        response = RequestsOpenAPIResponse(answer)
        try:
            if ask:
                self._openapi.validate_request(request)
            self._openapi.validate_response(request, response)
        except Exception as error:
            sent = answer.request
            words = [f"{sent.method} {sent.path_url} → {answer.status_code}"]
            words += list(_reasons(error))
            raise ContractError("\n".join(words)) from error
        return answer


def _reasons(error: BaseException | None) -> Any:
    """Every error in the chain, with the places in the schema."""
    while error is not None:
        yield f"{type(error).__name__}: {str(error)[:300]}"
        for part in getattr(error, "schema_errors", ()) or ():
            yield f"  at {'/'.join(map(str, part.path))}: {part.message[:300]}"
        error = error.__cause__
