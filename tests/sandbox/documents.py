"""The vendors' own documents, which are not part of this project.

Their licences do not let the project pass them on, so a contract test reads them from a
folder beside it: what ``API_DOCUMENTS`` names, else ``shared/reference/api/specs``
next to the checkout. Without the folder the contract tests are skipped and say so.

The names are those of the vendors' repositories:

- ``mollie-specs.yaml``: ``specs.yaml`` of mollie/openapi (CC BY-NC-SA 4.0)
- ``moneybird-openapi-v2-*.min.json``: ``openapi.json`` of moneybird/openapi
- ``ccv-examples.json``, ``pingen-webhook-*-sample.json``: bodies as they were published
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
BESIDE = ROOT.parent / "shared" / "reference" / "api" / "specs"


def find(pattern: str) -> Path:
    """:return: the newest file of that name; the test is skipped where there is none"""
    folder = Path(os.environ.get("API_DOCUMENTS") or BESIDE)
    found = sorted(folder.glob(pattern))
    if not found:
        pytest.skip(f"no {pattern} in {folder}: set API_DOCUMENTS to its folder")
    return found[-1]


def sample(name: str) -> Any:
    """:return: the parsed body that a vendor published"""
    return json.loads(find(name).read_text(encoding="utf-8"))


class Samples(Mapping):
    """The published bodies of one file, read when a test asks for one."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getitem__(self, key: str) -> Any:
        return sample(self._name)[key]

    def __iter__(self):
        return iter(sample(self._name))

    def __len__(self) -> int:
        return len(sample(self._name))
