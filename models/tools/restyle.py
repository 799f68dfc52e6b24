"""Puts labelled messages in another manner, label and all: restyle.py TIMES SEED OUT.jsonl TRAIN.jsonl...

Each message up to TIMES times: as a voice transcript, as a mail, in lower case, without punctuation. Words are swapped only within
classes that decide nothing (a day, a town, a mug for a candle), and numbers stay: two tablets are not twenty. Nothing near a message of
dev or calibrate comes out.
"""
import json
import random
import sys

import augment
from choose import nearness

LONGEST = 900


def main(times, seed, output, *files):
    random.seed(int(seed))
    rows, near = augment.rows(files), nearness()
    seen = {row["text"] for row in rows}
    with open(output, "w") as out:
        for row in rows:
            for again in range(1, int(times) + 1):
                text = augment.swap_words(row["text"], 0.5, {"time", "place", "ord", "nonmed"})
                text = augment.style(text) if random.random() < 0.6 else augment.case(text)
                if text in seen or not 4 <= len(text.strip()) <= LONGEST or near(text):
                    continue
                seen.add(text)
                restyled = {**row, "id": f"{row['id']}~{again}", "text": text, "source": "restyled"}
                restyled.pop("hard", None)
                out.write(json.dumps(restyled, ensure_ascii=False, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
