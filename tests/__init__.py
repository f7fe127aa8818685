"""Whole-product tests: sandbox services, scenarios, browser, benchmarks."""
