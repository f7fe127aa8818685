"""Benchmarks: our way and a peer's way in one run, on one database, with a ratio."""
