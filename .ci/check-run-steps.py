"""Runs shellcheck over every `run:` step of the workflows given, each with its step's name in what it reports.

GitHub puts values into `${{ }}` before the shell sees the text; a word stands in for each here. Exits 1 on a finding.
"""

import re
import subprocess
import sys

import yaml


def steps(path):
    with open(path, encoding="utf-8") as file:
        workflow = yaml.safe_load(file)
    for job_name, job in workflow["jobs"].items():
        for number, step in enumerate(job.get("steps", []), 1):
            if "run" in step:
                yield f"{path}: {job_name}: {step.get('name', f'step {number}')}", step["run"]


def main(paths):
    checked = findings = 0
    for path in paths:
        for place, script in steps(path):
            script = re.sub(r"\$\{\{.*?\}\}", "value", script, flags=re.DOTALL)
            command = ["shellcheck", "--shell=bash", "--format=gcc", "-"]
            result = subprocess.run(command, input=script, text=True, capture_output=True, check=False)
            checked += 1
            if result.returncode:
                findings += 1
                print(f"{place}\n{result.stdout}{result.stderr}")
    print(f"{checked} steps, {findings} with findings")
    # No step at all would mean that this script no longer understands the files.
    return 1 if findings or not checked else 0


sys.exit(main(sys.argv[1:]))
