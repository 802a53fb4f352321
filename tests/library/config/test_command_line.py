import pytest

from synthem.config.command_line import check_options, check_targets
from synthem.errors import SynthemError
from tests.shared.demo_config import checked, edited

STACKS = {"whole": {"image": "results/phantoms/hippocampus/image.tif"}}


def refused(*asked, **config):
    with pytest.raises(SynthemError) as caught:
        check_targets(set(asked), checked(edited(**config)))
    return str(caught.value)


@pytest.mark.parametrize(
    "arguments, named",
    [
        (["--configfile", "a.yaml", "--configfile", "b.yaml"], "--configfile"),
        (["--configfile=a.yaml", "--cores", "4", "--configfiles", "b.yaml", "c.yaml"], "--configfiles"),
        (["--config", "size=small", "-C", "structure=er"], "-C"),
        (["--set-resources", "a:gpu=1", "--set-resources=b:gpu=2"], "--set-resources"),
    ],
)
def test_an_option_that_would_hide_the_one_before_is_refused(arguments, named):
    with pytest.raises(SynthemError, match="write all behind one: --") as caught:
        check_options(arguments)
    assert (caught.value.code, caught.value.where) == ("CONFIG_SYNTAX", named)


def test_several_files_and_values_behind_one_option_pass():
    check_options(
        ["--configfile", "a.yaml", "b.yaml", "--config", "a=1", "b=2", "--", "--config", "--config"]
    )


def test_who_asks_snakemake_for_new_is_told_the_command_of_make():
    assert refused("new", "IMAGE=a.tif") == (
        "ERROR TARGET new: it asks questions and writes a config, which no step of a workflow can "
        "(expected the command of make). Fix: make new IMAGE=data/stack.tif MASK=data/mask.tif."
    )


def test_apply_without_stacks_is_told_the_line_to_add():
    assert refused("report", "apply", apply__stacks={}) == (
        "ERROR TARGET apply: apply.stacks names no stack (expected the stacks to segment). "
        "Fix: add to your config: apply: {stacks: {whole: {image: data/whole.tif}}}."
    )


@pytest.mark.parametrize("target", ["plan", "report", "segmentations"])
def test_what_is_made_of_targets_is_refused_where_there_is_none(target):
    assert refused(target, targets=[], apply__networks={"a": "a.zip"}).startswith(
        f"ERROR TARGET {target}: targets is empty, so nothing is learnt or compared"
    )


def test_a_quiz_that_is_not_wanted_is_told_the_line_to_add():
    assert refused("quiz", quiz__wanted=False).endswith("Fix: add to your config: quiz: {wanted: true}.")


def test_what_makes_something_passes():
    check_targets({"all", "check", "report", "results/a.png"}, checked(edited(apply__stacks={})))
    check_targets({"apply"}, checked(edited(apply__stacks=STACKS)))
    check_targets({"quiz"}, checked(edited(quiz__wanted=True)))
