"""Fills the slots of labelled skeletons with names: fill.py TIMES SEED OUT.jsonl SKELETONS.jsonl... [held-out]

A skeleton is a message with a slot where a name stands: {m} and {m2} medicines, {p} an item of the shop, {i} an insurance, {who} somebody. Its
label holds whatever stands there, so that each is filled TIMES times, and a model learns that a name decides nothing. HELD_OUT medicines are in
no message to train on: with `held-out` they alone are taken, to judge by. Each file begins with SEED again. Nothing near a message that is never trained on comes out.
"""
import json
import pathlib
import random
import re
import sys

from choose import nearness

PRODUCTS = pathlib.Path(__file__).resolve().parents[2] / "src" / "workflow" / "data" / "products.txt"
HELD_OUT = """anastrozole anoro armodafinil avodart bicalutamide biktarvy brilinta calcitriol caplyta celexa cinacalcet deltasone desvenlafaxine dexmethylphenidate
docusate dorzolamide drospirenone eszopiclone febuxostat fenofibrate fluvoxamine formoterol ibandronate ipratropium lacosamide lamisil latuda levitra
levocetirizine lurasidone maxalt medrol mesalamine methocarbamol minocycline mobic nadolol nexletol norethindrone olmesartan oseltamivir pioglitazone
proair protonix provigil ranolazine rasagiline restoril risedronate risperdal sevelamer sitagliptin solifenacin sucralfate triamcinolone tricor
ubrelvy valacyclovir vilazodone ziprasidone""".split()
# Beside those of the list of products.
MEDICINES = """actos adapalene aimovig amaryl azelastine basaglar belsomra bentyl benzonatate boniva breo brimonidine brivaracetam carafate colesevelam descovy
differin diflucan etodolac evista fexofenadine fosamax galantamine genvoya guanfacine hyoscyamine lactulose linzess metoclopramide mirabegron mirena
mupirocin nasonex neurontin nurtec nystatin olopatadine otezla progesterone propecia proscar qulipta raloxifene reglan remeron rexulti rivastigmine
selegiline senna sirolimus skelaxin skyrizi soma taltz tapentadol tradjenta trelegy trintellix umeclidinium vagifem valproate vraylar xyzal zetia
zocor""".split()
ITEMS = [
    "toothpaste", "blood pressure cuff", "vitamin gummies", "thermometer", "diapers", "shampoo", "sunscreen", "fish oil",
    "compression socks", "pill organizer", "glucose meter", "test strips", "hand soap", "protein powder", "face cream", "mouthwash",
    "heating pad", "nebulizer", "bandages", "humidifier", "contact lens solution", "multivitamin", "razor blades", "knee brace", "lip balm",
    "baby wipes", "pulse oximeter", "electric toothbrush", "cotton swabs", "deodorant", "eye drops", "cough drops", "magnesium tablets",
    "walker", "hearing aid batteries", "probiotic", "melatonin", "nail clippers", "collagen powder", "night light", "ice pack", "lotion",
    "body wash", "conditioner", "wrist splint", "crutches", "shower chair", "denture cleaner", "dental floss", "hair dye",
    "allergy medicine", "cold medicine", "pain reliever", "sleep aid", "baby formula", "blood pressure monitor", "vitamin D", "pregnancy test",
    "covid test", "cough syrup", "antacids", "nicotine gum", "first aid kit", "saline spray",
]
INSURANCES = [
    "Aetna", "Medicaid", "Medicare Part D", "BCBS", "Blue Cross", "Cigna", "Humana", "United", "UnitedHealthcare", "Kaiser", "Tricare",
    "Express Scripts", "OptumRx", "Caremark", "Anthem", "Molina", "GoodRx", "Centene", "Oscar",
]
PEOPLE = [
    "husband", "mom", "son", "neighbor", "wife", "grandmother", "daughter", "dad", "sister", "brother", "grandpa", "boyfriend", "roommate",
    "aunt", "uncle", "partner", "mother in law", "friend", "father", "grandson", "niece",
]
SLOT = re.compile(r"\{(m2?|p|i|who)\}")


def medicines(held_out):
    if held_out:
        return sorted(HELD_OUT)
    lines = [line.split("|") for line in PRODUCTS.read_text().splitlines() if line and not line.startswith("#")]
    listed = {name.strip() for name, kind in lines if kind.strip() != "device"}
    return sorted((listed | set(MEDICINES)) - set(HELD_OUT))


def fill(text, channel, names):
    """A text with its slots filled, the names in the case of what stands around them."""
    spoken, lower, upper = channel == "voice", text.islower(), text.isupper()
    capital = random.random() < (0.15 if lower else 0.7)
    if spoken:
        case = str.lower
    elif upper:
        case = str.upper
    else:
        case = str.capitalize if capital else str
    first, second = random.sample(names, 2)
    insurance = random.choice(INSURANCES)
    if spoken or lower and random.random() < 0.7:
        insurance = insurance.lower()
    values = {"m": case(first), "m2": case(second), "p": random.choice(ITEMS), "i": insurance, "who": random.choice(PEOPLE)}
    return SLOT.sub(lambda slot: values[slot[1]], text)


def main(times, seed, output, *files):
    held_out = files[-1] == "held-out"
    names, near = medicines(held_out), (lambda _: False) if held_out else nearness()
    with open(output, "w") as out:
        for skeletons in files[: -1 if held_out else None]:
            random.seed(int(seed))
            seen = set()
            for row in map(json.loads, open(skeletons)):
                for again in range(1, int(times) + 1 if SLOT.search(row["text"]) else 2):
                    text = fill(row["text"], row["channel"], names)
                    if text in seen or near(text):
                        continue
                    seen.add(text)
                    filled = {**row, "id": f"{row['id']}~{again}", "text": text, "source": "own_template"}
                    out.write(json.dumps(filled, ensure_ascii=False, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
