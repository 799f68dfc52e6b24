"""Recombines labelled and other messages into new, unlabelled ones: augment.py COUNT SEED OUT.jsonl TRAIN.jsonl... [--other FILE.jsonl...]

Words are swapped within their class, clauses of different messages joined, words left out. What comes out is for a teacher
model to label (soft_labels.py); it never enters training with a label of its own.
"""
import argparse
import json
import random
import re

from lexicon import CLASSES, CLASS_OF

JOINTS = [". ", ", ", "! ", " and ", " but ", " so ", " - ", "\n", " also ", ". also ", " because ", ", oh and ", " btw ", " "]


def texts(paths):
    return [json.loads(line)["text"] for path in paths for line in open(path)]


def swap(text, part=0.7):
    def other(match):
        word = match.group(0)
        name = CLASS_OF.get(word.lower())
        if not name or random.random() > part:
            return word
        new = random.choice(CLASSES[name]).replace("-", " ")
        return new.capitalize() if word[0].isupper() and not word.isupper() else new

    text = re.sub(r"[A-Za-z]+", other, text)
    return re.sub(r"\d", lambda m: str(random.randint(0, 9)) if random.random() < 0.7 else m.group(0), text)


def thin(text):
    words = text.split()
    if len(words) < 4:
        return text
    if random.random() < 0.5:
        return " ".join([word for word in words if random.random() > 0.12] or words)
    length = random.randint(3, len(words))
    start = random.randint(0, len(words) - length)
    return " ".join(words[start : start + length])


def case(text):
    chance = random.random()
    if chance < 0.3:
        return text.lower()
    if chance < 0.4:
        return re.sub(r"[^\w\s]", "", text.lower())
    return text.upper() if chance < 0.43 else text


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("count", type=int)
    arguments.add_argument("seed", type=int)
    arguments.add_argument("output")
    arguments.add_argument("train", nargs="+")
    arguments.add_argument("--other", nargs="*", default=[])
    options = arguments.parse_args()
    random.seed(options.seed)
    own, other = texts(options.train), [text for text in texts(options.other) if len(text) < 300]
    split = re.compile(r"(?<=[.!?;\n])\s+|,\s+| but | and | because | so ")
    clauses = [clause.strip() for text in own for clause in split.split(text) if 2 <= len(clause.split()) <= 25]

    def joined():
        text = random.choice(clauses)
        for _ in range(random.choice([1, 1, 1, 2])):
            text += random.choice(JOINTS) + random.choice(clauses)
        return text

    seen = set(own)
    with open(options.output, "w") as output:
        while len(seen) - len(set(own)) < options.count:
            chance = random.random()
            if chance < 0.38:
                text = swap(random.choice(own))
            elif chance < 0.52:
                text = thin(swap(random.choice(own)))
            elif chance < 0.80:
                text = swap(joined())
            elif chance < 0.88:
                text = swap(random.choice(clauses))
            elif chance < 0.92 or not other:
                text = swap(random.choice(own), 0.3) + random.choice(JOINTS) + swap(random.choice(own), 0.3)
            else:
                text = random.choice(other) if random.random() < 0.6 else swap(random.choice(other))
            text = case(text)[:400]
            if text not in seen and len(text) >= 4:
                seen.add(text)
                output.write(json.dumps({"text": text}) + "\n")


if __name__ == "__main__":
    main()
