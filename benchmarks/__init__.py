"""Benchmarks: our plans against statements written by hand, on the same data, in one run."""
