"""conda environments: each must hold what its rules import, in the versions of the lock, and nothing else."""

import ast
import re
import sys
from functools import cache

import pytest
import yaml

from tests.shared.project import PROJECT

SCRIPTS = PROJECT / "workflow_scripts"
ENVIRONMENTS = sorted(path.stem for path in (PROJECT / "envs").glob("*.yaml"))
# Where conda's name is not the module's
PACKAGES = {
    **{
        "PIL": "pillow",
        "skimage": "scikit-image",
        "sklearn": "scikit-learn",
        "torch": "pytorch",
        "matplotlib": "matplotlib-base",
    },
    **{"torch.utils.tensorboard": "tensorboard", "yaml": "pyyaml"},
}
ON_PYPI = {"pytorch": "torch", "matplotlib-base": "matplotlib"}
PROGRAMS = {"ffmpeg"}  # that are started by their name


def declared(environment):
    """[(package, version), ...]"""
    words = yaml.safe_load((PROJECT / f"envs/{environment}.yaml").read_text())["dependencies"]
    return [tuple(part.strip() for part in word.split("=")) for word in words]


def used(environment):
    """Packages and programs that the scripts of this environment's rules reach, at their top or later."""
    found = set()
    for rules in sorted((PROJECT / "rules").glob("*.smk")):
        for block in re.split(r"\n(?=(?:rule|checkpoint) )", rules.read_text())[1:]:
            if f'"../envs/{environment}.yaml"' in block:
                found |= reached(re.search(r'workflow_scripts/(\w+)\.py"', block).group(1) + ".py")
    return found


def reached(script):
    found, seen, waiting = set(), set(), [script]
    while waiting:
        name = waiting.pop()
        if name not in seen and (SCRIPTS / name).is_file():
            seen.add(name)
            packages, modules = imports(name)
            found |= packages
            waiting += [f"{module.replace('.', '/')}.py" for module in modules]
    return found


def is_main(node):
    return isinstance(node, ast.If) and ast.unparse(node.test) == "__name__ == '__main__'"


@cache
def imports(name):
    """(packages and programs, library modules) of one file, but for what it does as a program."""
    packages, modules = set(), set()
    tree = ast.parse((SCRIPTS / name).read_text())
    tree.body = [node for node in tree.body if not is_main(node)]
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Constant) and node.value in PROGRAMS:
            packages.add(node.value)
        for module in names:
            top = module.partition(".")[0]
            if top == "synthem":
                modules.add(module)
            elif top not in sys.stdlib_module_names:
                packages.add(PACKAGES.get(module) or PACKAGES.get(top, top))
    return packages, modules


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_an_environment_declares_what_its_rules_import_once_and_nothing_else(environment):
    packages = [package for package, _ in declared(environment)]
    assert len(packages) == len(set(packages))
    assert set(packages) - {"python"} == used(environment)


def test_all_environments_have_the_versions_of_the_lock_for_one_python():
    lock = (PROJECT / "envs/requirements.lock").read_text() + (PROJECT / "pyproject.toml").read_text()
    versions = {}
    for environment in ENVIRONMENTS:
        for package, version in declared(environment):
            versions.setdefault(package, set()).add(version)
    assert {package for package, found in versions.items() if len(found) > 1} == set()
    assert versions.pop("python") == {"3.11"}  # the lock has other versions for later ones
    for package, (version,) in versions.items():
        if package in PROGRAMS:
            continue
        name = re.escape(ON_PYPI.get(package, package))
        locked = re.findall(rf'^(?: *")?{name} ?==([\d.]+)([^\n]*)', lock, re.MULTILINE)
        fitting = [found for found, marker in locked if ">= '3.12'" not in marker]
        assert len(fitting) == 1, package
        assert f"{fitting[0]}.".startswith(f"{version}."), package
