#!/usr/bin/env python3
"""Compares two runs of `cargo bench` (divan's tables) made on one machine, as ratios of their medians.

    scripts/compare-benchmarks.py [--fail-above RATIO] BASE CHANGE
    scripts/compare-benchmarks.py --self-test

Prints a Markdown table, the slowest first. A ratio of 1.20 is a fifth slower than the base. Exits 1 when a benchmark that
both have is slower than RATIO (default: never), or when a file holds no benchmark at all.
"""

import argparse
import re
import sys

UNITS = {"ps": 1e-12, "ns": 1e-9, "µs": 1e-6, "μs": 1e-6, "us": 1e-6, "ms": 1e-3, "s": 1.0}
TIME = r"([\d.]+) (ps|ns|µs|μs|us|ms|s)"
# The tree (with a branch in front), then fastest, slowest, median: three times with bars between.
ROW = re.compile(rf"^(?P<tree>[│ ]*)[├╰]─ (?P<name>.*?)\s+{TIME}\s+│ {TIME}\s+│ {TIME}\s+│")
GROUP = re.compile(r"^(?P<tree>[│ ]*)[├╰]─ (?P<name>\S.*?)\s*(?:│\s*)*$")
ROOT = re.compile(r"^(?P<name>[A-Za-z_]\w*)\s+fastest\s+│")


def medians(text):
    """Benchmark's path -> median in seconds."""
    found, path = {}, []
    for line in text.splitlines():
        if root := ROOT.match(line):
            path = [root["name"]]
        elif row := ROW.match(line):
            depth = 1 + len(row["tree"]) // 3
            value, unit = row.groups()[-2:]
            found["/".join([*path[:depth], row["name"]])] = float(value) * UNITS[unit]
        elif group := GROUP.match(line):
            depth = 1 + len(group["tree"]) // 3
            path = [*path[:depth], group["name"]]
    return found


def compare(base, change, limit):
    lines = ["| Benchmark | main | this change | ratio |", "|---|---:|---:|---:|"]
    ratios = {name: change[name] / base[name] for name in base.keys() & change.keys() if base[name] > 0}
    for name, ratio in sorted(ratios.items(), key=lambda item: -item[1]):
        mark = " **slower**" if ratio > 1.25 else " faster" if ratio < 0.8 else ""
        lines.append(f"| {name} | {base[name] * 1e6:.3f} µs | {change[name] * 1e6:.3f} µs | {ratio:.2f}{mark} |")
    for name in sorted(change.keys() - base.keys()):
        lines.append(f"| {name} | | {change[name] * 1e6:.3f} µs | new |")
    for name in sorted(base.keys() - change.keys()):
        lines.append(f"| {name} | {base[name] * 1e6:.3f} µs | | gone |")
    too_slow = [name for name, ratio in ratios.items() if limit and ratio > limit]
    if too_slow:
        lines += ["", f"More than {limit} times as slow as main: {', '.join(sorted(too_slow))}"]
    return "\n".join(lines), not too_slow and bool(change)


def self_test():
    table = """Timer precision: 20 ns
redact               fastest       │ slowest       │ median        │ mean          │ samples │ iters
├─ long              1.5 µs        │ 9.9 µs        │ {long}        │ 1.9 µs        │ 100     │ 100
├─ by_length                       │               │               │               │         │
│  ├─ 10             100 ns        │ 200 ns        │ 150 ns        │ 151 ns        │ 100     │ 6400
│  ╰─ 100            1 ms          │ 2 ms          │ 1.5 ms        │ 1.5 ms        │ 100     │ 100
╰─ short             10.5 ns       │ 12 ns         │ 11 ns         │ 11 ns         │ 100     │ 6400
"""
    base, change = medians(table.format(long="2 µs")), medians(table.format(long="5 µs"))
    expected = {"redact/long": 2e-6, "redact/by_length/10": 150e-9, "redact/by_length/100": 1.5e-3, "redact/short": 11e-9}
    assert base.keys() == expected.keys(), base
    assert all(abs(base[name] - expected[name]) < 1e-15 for name in expected), base
    text, good = compare(base, change, 2.0)
    assert not good and "redact/long | 2.000 µs | 5.000 µs | 2.50 **slower**" in text, text
    assert compare(base, change, 3.0)[1] and compare(base, change, None)[1]
    assert not compare(base, {}, None)[1], "nothing measured must not pass"
    print("self-test passed")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fail-above", type=float, metavar="RATIO")
    parser.add_argument("--self-test", action="store_true")
    parser.add_argument("files", nargs="*", metavar="FILE")
    arguments = parser.parse_args()
    if arguments.self_test:
        return self_test()
    if len(arguments.files) != 2:
        parser.error("give the base's and the change's output")
    base, change = (medians(open(name, encoding="utf-8").read()) for name in arguments.files)
    text, good = compare(base, change, arguments.fail_above)
    print(text)
    return 0 if good else 1


sys.exit(main())
