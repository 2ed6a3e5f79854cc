"""The demo: real data, real defects, and a headless run of everything (`make demo`); not in the wheel."""
