"""Reduce a vendor's official OpenAPI document to what the sandbox serves.

Only the paths that the sandbox serves stay, with what they refer to; descriptions,
examples and code samples go. The schemas themselves are not changed. The small document
is kept in ``.runtime/`` since reading the large one takes seconds.
"""

import hashlib
import json
import os
import re
from pathlib import Path
from typing import Any

from .documents import ROOT, find

KEPT = ROOT / ".runtime" / "contracts"
FILES = {"mollie": "mollie-specs.yaml", "moneybird": "moneybird-openapi-*.json"}
WANTED = {
    "mollie": (
        r"/oauth2/tokens$|/v2/(payments|customers|settlements|webhooks)(?!.*(routes|"
        r"subscriptions|release-authorization|captures/\{))|/v2/(refunds|chargebacks|"
        r"methods|events/\{webhookEventId\}|organizations/me|profiles/me)$"
    ),
    "moneybird": (
        r"^/(administrations|\{administration_id\}/(contacts|contacts/(filter|"
        r"synchronization|\{id\}|\{id\}/archive|customer_id/.*)|"
        r"(external_)?sales_invoices(/(synchronization|\{id\}|\{id\}/send_invoice|"
        r"\{id\}/mark_as_uncollectible|find_by.*|.*/payments|.*/payments/\{id\}))?|"
        r"payments/\{id\}|ledger_accounts(/\{id\})?|financial_accounts|"
        r"financial_mutations.*|financial_statements.*|tax_rates|webhooks.*))"
        r"\{format\}$"
    ),
}
TEXTS = ("description", "summary", "example", "examples", "title", "externalDocs")
MAPS = ("properties", "patternProperties", "schemas", "parameters", "responses")


def load(path: Path) -> dict:
    """:return: the document; YAML without its timestamps, which this one trips over"""
    text = path.read_text()
    if path.suffix == ".json":
        return json.loads(text)
    import yaml

    class Loader(yaml.CSafeLoader):
        """Reads dates as text."""

    Loader.yaml_implicit_resolvers = {
        letter: [(tag, rule) for tag, rule in rules if not tag.endswith("timestamp")]
        for letter, rules in yaml.CSafeLoader.yaml_implicit_resolvers.items()
    }
    return yaml.load(text, Loader=Loader)  # noqa: S506 (a safe loader)


def bare(node: Any, names_are_free: bool = False) -> Any:
    """:return: the node without texts for readers
    :param names_are_free: its keys are names (of properties, …), not keywords
    """
    if isinstance(node, list):
        return [bare(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        key: bare(value, not names_are_free and key in MAPS)
        for key, value in node.items()
        if names_are_free or not (key in TEXTS or key.startswith("x-"))
    }


def referred(document: dict, node: Any, found: dict) -> None:
    """Collect into ``found`` every component that the node needs."""
    if isinstance(node, list):
        for item in node:
            referred(document, item, found)
    elif isinstance(node, dict):
        target = node.get("$ref")
        if isinstance(target, str) and target not in found:
            part: Any = document
            for step in target[2:].split("/"):
                part = part[step.replace("~1", "/").replace("~0", "~")]
            found[target] = bare(part)
            referred(document, found[target], found)
        for value in node.values():
            referred(document, value, found)


def trim(document: dict, pattern: str) -> dict:
    """:return: the small document"""
    paths = {
        path: bare(item)
        for path, item in document["paths"].items()
        if re.search(pattern, path)
    }
    found: dict = {}
    referred(document, paths, found)
    named = document["components"].get("responses", {})
    errors = [f"#/components/responses/{key}" for key in named if key[:1] == "4"]
    referred(document, [{"$ref": target} for target in errors], found)
    components: dict = {}
    for target, part in found.items():
        _hash, _components, kind, name = target.split("/", 3)
        components.setdefault(kind, {})[name] = part
    components["securitySchemes"] = document["components"]["securitySchemes"]
    info = {key: document["info"][key] for key in ("title", "version")}
    if "license" in document["info"]:
        info["license"] = document["info"]["license"]
    return {
        "openapi": document["openapi"],
        "info": info,
        "servers": document["servers"],
        "paths": paths,
        "components": components,
    }


def small(name: str) -> dict:
    """Return the small document of ``name``, made once for each version of the file.

    :param name: ``mollie`` or ``moneybird``
    """
    path = find(FILES[name])
    stamp = hashlib.sha256(path.read_bytes() + Path(__file__).read_bytes()).hexdigest()
    kept = KEPT / f"{name}-{stamp[:16]}.json"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        written = kept.with_suffix(f".{os.getpid()}")
        written.write_text(json.dumps(trim(load(path), WANTED[name])))
        written.replace(kept)
    return json.loads(kept.read_text())
