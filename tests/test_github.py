"""What GitHub reads: workflows run the verbs of the Makefile and nothing else, and all of it is about this version."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

import ganglion

ROOT = Path(__file__).parent.parent
GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
FORMS = sorted(path for path in (GITHUB / "ISSUE_TEMPLATE").glob("*.yml") if path.name != "config.yml")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
VERBS = set(re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))

RUN = re.compile(r"make ([a-z]+)( [A-Z]+=\S+)*( \| tee \S+)?")
EXPRESSION = re.compile(r"\$\{\{ (\S+) \}\}")


def name(path: Path) -> str:
    return path.name


def jobs(workflow: Path) -> dict[str, Any]:
    return yaml.safe_load(workflow.read_text())["jobs"]


def commands(job: dict[str, Any]) -> list[str]:
    """What the steps of a job run, one for each value of a matrix."""
    matrix = job.get("strategy", {}).get("matrix", {})
    found = []
    for run in (step["run"] for step in job["steps"] if "run" in step):
        values = [str(v) for key, all_of in matrix.items() for v in all_of if f"matrix.{key} " in run]
        found += [EXPRESSION.sub(value, run) for value in values] or [EXPRESSION.sub("x", run)]
    return found


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=name)
def test_workflows_run_make_verbs_alone(workflow: Path) -> None:
    for run in (run for job in jobs(workflow).values() for run in commands(job)):
        match = RUN.fullmatch(run)
        assert match, f"{workflow.name} runs '{run}', which is more than a verb of the Makefile"
        assert match[1] in VERBS, f"{workflow.name} runs '{run}': the Makefile has {', '.join(sorted(VERBS))}"


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=name)
def test_jobs_end_in_time_and_may_do_no_more_than_they_must(workflow: Path) -> None:
    assert yaml.safe_load(workflow.read_text())["permissions"] == {"contents": "read"}
    for job in jobs(workflow).values():
        assert "timeout-minutes" in job or not commands(job)
        assert all("@" in step["uses"] for step in job["steps"] if "uses" in step)


def test_every_verb_that_judges_is_run_somewhere() -> None:
    run = {command.split()[1] for workflow in WORKFLOWS for job in jobs(workflow).values() for command in commands(job)}
    assert run == {"bench", "check", "cover", "dist", "docs", "mutate", "soak", "test"}


def test_every_python_that_is_named_is_checked() -> None:
    (check,) = jobs(GITHUB / "workflows" / "check.yml").values()
    pythons = check["strategy"]["matrix"]["python"]
    named = [text.rpartition(" ")[2] for text in PROJECT["classifiers"] if re.search(r":: 3\.\d+$", text)]
    assert pythons == named
    assert PROJECT["requires-python"] == f">={pythons[0]}"


@pytest.mark.parametrize("form", FORMS, ids=name)
def test_forms_are_whole(form: Path) -> None:
    content = yaml.safe_load(form.read_text())
    assert content["name"] and content["description"]
    ids = [field["id"] for field in content["body"]]
    assert len(ids) == len(set(ids)) and all(field["attributes"]["label"] for field in content["body"])


def test_the_bug_form_asks_for_the_version() -> None:
    (asked,) = (f for f in yaml.safe_load((FORMS[0]).read_text())["body"] if "--version" in f["attributes"]["label"])
    assert asked["validations"]["required"]


def test_the_citation_is_of_this_version() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert citation["version"] == ganglion.__version__
    assert citation["license"] == PROJECT["license"]
    assert citation["repository-code"] == PROJECT["urls"]["Source"]
    assert set(citation["keywords"]) <= set(PROJECT["keywords"])


def test_one_address_of_the_repository() -> None:
    source = PROJECT["urls"]["Source"]
    files = [*ROOT.glob("*.md"), *ROOT.glob("*.cff"), *GITHUB.rglob("*.yml"), ROOT / "pyproject.toml"]
    for text in (file.read_text() for file in files):
        for address in re.findall(r"https://github\.com/[\w-]*ganglion[\w-]*/\w+", text):
            assert address == source
