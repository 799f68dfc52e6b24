"""Puts labelled recombined messages together: choose.py OUT.jsonl SOFT.jsonl[=COUNT]...

Takes the first COUNT rows of each file, leaves out every row with a token Jaccard of 0.6 or more to a message that is never
trained on, and shuffles the rest.
"""
import collections
import json
import pathlib
import random
import re
import sys

DATA = pathlib.Path(__file__).parent.parent / "data"


def tokens(text):
    return frozenset(re.findall(r"[^\W_]+", text.lower()))


NEVER_TRAINED_ON = ["dev", "calibrate", "fresh", "week", "month", "languages", "everyday"]


def nearness(names=NEVER_TRAINED_ON):
    """Tells whether a text is near a message of these sets."""
    held = [tokens(json.loads(line)["text"]) for name in names for line in open(DATA / f"{name}.jsonl")]
    having = collections.defaultdict(list)
    for number, message in enumerate(held):
        for word in message:
            having[word].append(number)

    def near(text):
        own = tokens(text)
        shared = collections.Counter(number for word in own for number in having[word])
        return any(count / (len(own) + len(held[number]) - count) >= 0.6 for number, count in shared.items())

    return near


def main(output, *files):
    near, rows = nearness(), []
    for file in files:
        path, _, count = file.partition("=")
        rows += [json.loads(line) for line in open(path)][: int(count) if count else None]
    rows = [row for row in rows if not near(row["text"])]
    random.seed(5)
    random.shuffle(rows)
    with open(output, "w") as out:
        for row in rows:
            row["soft"] = [round(value, 2) for value in row["soft"]]
            out.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
