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


GREETINGS = ["Hi,", "Hello,", "Dear team,", "Good morning,", "Dear Sir or Madam,", "Hi there,", "Hey", "To whom it may concern,", "Hi team"]
CLOSINGS = ["Thanks", "Thank you", "Many thanks", "Kind regards", "Best", "Please let me know.", "Looking forward to your reply.", "Cheers"]
FILLERS = ["um", "so yeah", "okay so", "anyway", "hi yes", "uh", "you know", "let me see", "oh and", "well", "right"]


def rows(paths):
    return [json.loads(line) for path in paths for line in open(path)]


def texts(paths):
    return [row["text"] for row in rows(paths)]


def swap_words(text, part, classes=None):
    def other(match):
        word = match.group(0)
        name = CLASS_OF.get(word.lower())
        if not name or classes and name not in classes or random.random() > part:
            return word
        new = random.choice(CLASSES[name]).replace("-", " ")
        return new.capitalize() if word[0].isupper() and not word.isupper() else new

    return re.sub(r"[A-Za-z]+", other, text)


def swap(text, part=0.7):
    return re.sub(r"\d", lambda m: str(random.randint(0, 9)) if random.random() < 0.7 else m.group(0), swap_words(text, part))


def thin(text):
    words = text.split()
    if len(words) < 4:
        return text
    if random.random() < 0.5:
        return " ".join([word for word in words if random.random() > 0.12] or words)
    length = random.randint(3, len(words))
    start = random.randint(0, len(words) - length)
    return " ".join(words[start : start + length])


def style(text):
    """The same words as a voice transcript or a mail, so that a manner of speaking says nothing about what is said."""
    if random.random() < 0.55:
        words = re.sub(r"[^\w\s']", "", text.lower()).split()
        for _ in range(random.choice([0, 1, 1, 2, 3])):
            words.insert(random.randint(0, len(words)), random.choice(FILLERS))
        return random.choice(["", "hi um ", "yes hello ", "uh ", "hello yes ", "hi this is "]) + " ".join(words)
    text = random.choice(GREETINGS) + "\n\n" + text[:1].upper() + text[1:]
    return text + ("" if text[-1] in ".?!" else ".") + (random.choice(["\n", "\n\n"]) + random.choice(CLOSINGS) if random.random() < 0.7 else "")


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
    arguments.add_argument("--long", type=float, default=0.15, help="part that are long mails and transcripts")
    arguments.add_argument("--style", type=float, default=0.15, help="part that are put as a transcript or a mail")
    options = arguments.parse_args()
    random.seed(options.seed)
    own, other = texts(options.train), [text for text in texts(options.other) if len(text) < 300]
    split = re.compile(r"(?<=[.!?;\n])\s+|,\s+| but | and | because | so ")
    sentences = re.compile(r"(?<=[.!?])\s+|\n+")
    clauses = [clause.strip() for text in own for clause in split.split(text) if 2 <= len(clause.split()) <= 25]

    calm, safety = [[
        part.strip() for row in rows(options.train) if (row["category"] == "safety_compliance") == wanted
        for part in ([row["text"]] if len(row["text"]) < 120 else sentences.split(row["text"])) if part.strip()
    ] for wanted in (False, True)]

    def long():
        """A mail or a voice transcript: mostly harmless sentences, in about half of them one that is not."""
        parts = [swap(random.choice(calm)) for _ in range(random.choice([2, 3, 3, 4, 5, 6, 8]))]
        if random.random() < 0.45:
            parts.insert(random.randint(0, len(parts)), swap(random.choice(safety)))
        if random.random() < 0.5:
            spoken = [re.sub(r"[^\w\s']", "", part.lower()) for part in parts]
            return " ".join(random.choice(FILLERS + ["and"] * 9) + " " + part for part in spoken)
        parts = [part if part[-1] in ".?!" else part + random.choice([".", ".", "!", ","]) for part in parts]
        if random.random() < 0.7:
            parts.insert(0, random.choice(GREETINGS) + "\n")
        if random.random() < 0.7:
            parts.append("\n" + random.choice(CLOSINGS))
        return random.choice([" ", " ", "\n"]).join(parts)

    def joined():
        text = random.choice(clauses)
        for _ in range(random.choice([1, 1, 1, 2])):
            text += random.choice(JOINTS) + random.choice(clauses)
        return text

    seen = set(own)
    with open(options.output, "w") as output:
        while len(seen) - len(set(own)) < options.count:
            chance = random.random()
            whole = (options.long or options.style) and random.random() < options.long
            if whole:
                text = long()
            elif chance < 0.38:
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
            styled = options.style and random.random() < options.style
            text = (style(text) if styled else case(text))[: 700 if whole or styled else 400]
            if text not in seen and len(text) >= 4:
                seen.add(text)
                output.write(json.dumps({"text": text}) + "\n")


if __name__ == "__main__":
    main()
