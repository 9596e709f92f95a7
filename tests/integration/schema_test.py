"""The schema that editors use takes what `gonogo config check` takes, and refuses what it refuses, where both can know."""

import json
import pathlib
import subprocess

import jsonschema
import pytest
import rig
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
CHECK = "gates:\n  g:\n    checks:\n      c:\n        %s\n"
DISK = "disk: {path: /}\n        "

TAKEN = ["disk: {path: /, min_free_percent: 5}", "disk: {path: /, min_free_percent: '5'}", "disk: {path: /, min_free_percent: '2.5'}",
         "disk: {path: /, min_free_percent: 0}", "log: {path: /x, max: '3'}", "log: {path: /x, max: 0}", DISK + "failures: '2'",
         DISK + "failures: 2", DISK + "labels: {a: 1}", "dotenv: {path: /x, keys: {A: {min: -1}, B: {max: '-2.5'}}}",
         "dotenv: {path: /x, keys: {A: {min_length: '8'}}}", "file: {path: /x, max_size: 0}"]
REFUSED = ["disk: {path: /, min_free_percent: -1}", "disk: {path: /, min_free_percent: '-1'}", "disk: {path: /, min_free_percent: 'many'}",
           "log: {path: /x, max: -1}", DISK + "failures: 0", DISK + "failures: '0'", DISK + "failures: 1.5", DISK + "of: 0",
           DISK + "when:", DISK + "when: ~", DISK + "signoff:", DISK + "depends_on:", DISK + "severity: ~", DISK + "title:",
           DISK + "labels: {a: }", DISK + "labels:", "file: {path: }", "file: {path: /x, contains_not: ~}", "file: {path: /x, contains_not: #x\n          }",
           "file: {path: /x, contains_not: [a, ~]}", "file: {path: /x, max_size: -1}", "disk: {path: ~}", "disk:",
           "dotenv: {path: /x, keys: {A: {min: }}}", "dotenv: {path: /x, keys: }"]


def is_taken_by_the_check(path):
    done = subprocess.run([rig.GONOGO, "config", "check", "--config", path], capture_output=True, text=True, check=False)
    assert done.returncode in (0, 78), done.stderr
    return done.returncode == 0


@pytest.fixture(scope="module")
def validator():
    schema = json.loads((ROOT / "etc/schema/gonogo.schema.json").read_text(encoding="utf-8"))
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.parametrize("options, is_taken", [(text, True) for text in TAKEN] + [(text, False) for text in REFUSED])
def test_schema_and_check_agree(tmp_path, validator, options, is_taken):
    path = tmp_path / "gonogo.yaml"
    path.write_text(CHECK % options, encoding="utf-8")
    problems = [problem.message for problem in validator.iter_errors(yaml.safe_load(path.read_text(encoding="utf-8")))]
    assert (is_taken_by_the_check(path), not problems) == (is_taken, is_taken), problems


@pytest.mark.parametrize("section", ["vars:", "vars: {a: }", "docker:", "store:", "defaults: {failures: 0}", "groups: {a: {max_concurrent: 0}}",
                                     "defaults:", "server:", "resolver: {servers: }", "include:", "waivers: {longest: }", "report: {list: }"])
def test_what_has_no_value_is_refused_at_the_top_as_well(tmp_path, validator, section):
    path = tmp_path / "gonogo.yaml"
    path.write_text(section + "\n" + CHECK % "disk: {path: /}", encoding="utf-8")
    problems = list(validator.iter_errors(yaml.safe_load(path.read_text(encoding="utf-8"))))
    assert (is_taken_by_the_check(path), not problems) == (False, False)
