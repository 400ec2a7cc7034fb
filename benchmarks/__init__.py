"""Measurements that people run by hand: `benchmarks.cli.main`."""
