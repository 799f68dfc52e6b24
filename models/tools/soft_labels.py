"""Lets the teacher label messages: soft_labels.py TEACHER.pt MESSAGES.jsonl OUT.jsonl

The teacher is surer than it should be, so its logits are divided by 1.5 before they become probabilities.
"""
import json
import sys

import torch
from teacher import CATEGORIES, HEADS, MODEL, Teacher
from transformers import AutoTokenizer

TEMPERATURE = 1.5


def main(weights, messages, output):
    teacher, tokenizer = Teacher(), AutoTokenizer.from_pretrained(MODEL)
    teacher.load_state_dict(torch.load(weights))
    teacher.eval()
    texts = [json.loads(line)["text"] for line in open(messages)]
    with torch.inference_mode(), open(output, "w") as out:
        for start in range(0, len(texts), 64):
            batch = texts[start : start + 64]
            encoded = tokenizer(batch, padding=True, truncation=True, max_length=192, return_tensors="pt")
            with torch.autocast("cpu", dtype=torch.bfloat16):
                logits = teacher(encoded["input_ids"], encoded["attention_mask"])
            logits = logits.float() / TEMPERATURE
            soft = torch.cat([logits[:, head].softmax(1) for head in HEADS], 1)
            for text, row in zip(batch, soft.tolist()):
                category = CATEGORIES[max(range(3), key=lambda index: row[index])]
                line = {"text": text, "category": category, "source": "distilled", "soft": [round(p, 3) for p in row]}
                out.write(json.dumps(line, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
