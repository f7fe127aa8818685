"""The outside services, as real HTTP servers on loopback, each with its own book.

Start them with ``python -m tests.sandbox`` from the project root; README.md beside
this file tells how to use them and how to add a service.
"""
