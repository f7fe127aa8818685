"""The examples in the sandbox's docstrings are true."""

import doctest
import importlib
import pkgutil

import pytest

import tests.sandbox

MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(tests.sandbox.__path__, "tests.sandbox.")
    if not module.name.endswith("__main__")
)


@pytest.mark.parametrize("name", MODULES)
def test_examples_of(name):
    failed, _tried = doctest.testmod(importlib.import_module(name))
    assert failed == 0


def test_there_are_examples():
    tried = sum(
        len(test.examples)
        for name in MODULES
        for test in doctest.DocTestFinder().find(importlib.import_module(name))
    )
    assert tried > 20
