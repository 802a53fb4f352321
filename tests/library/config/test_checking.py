import json
import os
import re

import pytest
import yaml

from synthem.config.checking import canonical, check_keys, check_syntax, from_command_line, with_home
from synthem.config.study import merged
from synthem.errors import SynthemError, SynthemErrors
from synthem.networks.registry import DISCRIMINATORS, GENERATORS, SEGMENTERS
from tests.shared.demo_config import DEMO, SCHEMA, checked, edited, only_problem, problems
from tests.shared.project import PROJECT
from tests.shared.settings import DELETED

KINDS = SCHEMA["$defs"]["segmenter"]["properties"]["kind"]["enum"]


def quoted(words):
    return ", ".join(f"`{word}`" for word in words)


def test_the_schema_and_the_registry_have_the_same_kinds_of_networks():
    gans = SCHEMA["properties"]["gans"]["properties"]
    pair = [gans[one]["properties"]["kind"]["enum"] for one in ("generator", "discriminator")]
    assert [*map(set, (KINDS, *pair))] == [*map(set, (SEGMENTERS, GENERATORS, DISCRIMINATORS))]


def syntax(tmp_path, text):
    """The error lines that a file with this text is worth."""
    path = tmp_path / "c.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    try:
        check_syntax(path)
    except (SynthemError, SynthemErrors) as error:
        lines = str(error).splitlines()
        assert all(line.startswith("ERROR CONFIG_SYNTAX ") for line in lines)
        return lines
    return []


def parts_of(schema):
    yield schema
    for value in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        if isinstance(value, dict | list):
            yield from parts_of(value)


# What YAML hides


@pytest.mark.parametrize("word", ["2e-4", "1E5", "2.0e4", "-.5", ".5e3", "08", "0,5"])
def test_what_looks_like_a_number_but_is_text_is_told(tmp_path, word):
    (line,) = syntax(tmp_path, f"a:\n  b: {word}\n")
    assert f"line 2 (a.b): `{word}`, which YAML reads as text" in line


@pytest.mark.parametrize("word", ["on", "off", "yes", "No", "ON"])
def test_words_that_become_truth_values_are_told(tmp_path, word):
    (line,) = syntax(tmp_path, f"a: {word}\n")
    assert "a truth value" in line


@pytest.mark.parametrize(
    "word, meaning",
    [
        ("001", "octal"),
        ("12:30", "base 60"),
        ("1:30.5", "base 60"),
        ("2024-01-02", "a date"),
        (".nan", "not a number"),
        ("-.inf", "infinite"),
    ],
)
def test_values_that_change_their_meaning_are_told(tmp_path, word, meaning):
    (line,) = syntax(tmp_path, f"a: [1, {word}]\n")
    assert meaning in line and "(a.1)" in line


@pytest.mark.parametrize("word", ["2.0e-4", "0.5", "-3", "0", "true", "'2e-4'", '"on"', "a-b", "1_000"])
def test_values_that_mean_what_they_say_pass(tmp_path, word):
    assert syntax(tmp_path, f"a: {word}\n") == []


def test_keys_are_looked_at_like_values(tmp_path):
    assert len(syntax(tmp_path, "on: 1\n001: 2\n")) == 2


def test_a_key_given_twice_is_told_with_its_line(tmp_path):
    (line,) = syntax(tmp_path, "a:\n  b: 1\n  c: 2\n  b: 3\n")
    assert "line 4: the key `b` a second time" in line


def test_of_a_profile_duplicate_keys_alone_are_told(tmp_path):
    """The last of two lines of a rule wins: the first, from docs/clusters.md, was ignored without a word."""
    path = tmp_path / "config.yaml"
    path.write_text(
        "rules:\n  a: &own {gpu: 1}\n  b: {<<: *own, runtime: 9}\n  c: *own\n  b: *own\nyes: [2e-4]\n"
    )
    with pytest.raises(SynthemErrors) as caught:
        check_keys(path)
    assert str(caught.value) == (
        f"ERROR CONFIG_SYNTAX {path} line 5: the key `b` a second time (expected each key once). "
        "Fix: remove one of the two: YAML silently keeps the last."
    )
    check_keys(PROJECT / "profiles/slurm/config.yaml")


def test_all_surprises_of_a_file_are_told_at_once(tmp_path):
    assert len(syntax(tmp_path, "a: 2e-4\nb: on\nb: 001\n")) == 4


@pytest.mark.parametrize(
    "text, found",
    [
        ("a:\n\tb: 1\n", "line 2, column 1"),
        ("a: [1, 2\nb: 3\n", "line 2"),
        (b"a: \xff\n", "not UTF-8 text at byte 3"),
        ("- a\n- b\n", "no keys at the top"),
        ("just text\n", "no keys at the top"),
        ("a: 1\n---\nb: 2\n", "but found another document"),
        ("a: !!python/object:os.system {}\n", "could not determine a constructor"),
        ("a: \x00\n", "special characters are not allowed"),
        ("[1, 2]: 3\n", "unhashable"),
        ("a: {{x}}\n", "unhashable"),
        ("a: &a [*a]\n", "an alias of what it stands in"),
        ("[" * 2000, "recursion"),
    ],
)
def test_a_file_that_is_not_plain_yaml_is_one_error(tmp_path, text, found):
    (line,) = syntax(tmp_path, text)
    assert found in line


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "- target: mine\n", "mine\n"])
def test_a_file_without_keys_is_told(tmp_path, text):
    (line,) = syntax(tmp_path, text)
    assert "write lines like `structure: mitochondria`" in line


def test_values_of_the_command_line_are_what_they_look_like():
    entries = [
        "unets={training: {steps: 20, optimiser: {learning_rate: 0.03}}}",
        "study={seeds: 1}",
        "target=",
    ]
    assert from_command_line(entries) == [
        {"unets": {"training": {"steps": 20, "optimiser": {"learning_rate": 0.03}}}},
        {"study": {"seeds": 1}},
        {"target": None},
    ]
    assert from_command_line(["structure='on'", "source=a=b"]) == [{"structure": "on"}, {"source": "a=b"}]


@pytest.mark.parametrize(
    "entry, words",
    [
        (
            "unets={training: {optimiser: {learning_rate: 2e-4}}}",
            "(unets.training.optimiser.learning_rate): `2e-4`, which YAML reads as text",
        ),
        ("structure=on", "--config line 1 (structure): `on`"),
        ("study={seeds: [0}", "--config study: line 1, column 11"),
    ],
)
def test_what_yaml_hides_is_told_of_the_command_line_too(entry, words):
    with pytest.raises((SynthemError, SynthemErrors), match="^ERROR CONFIG_SYNTAX ") as caught:
        from_command_line([entry])
    assert words in str(caught.value)


def test_a_backslash_in_double_quotes_is_told_how_to_write_paths(tmp_path):
    (line,) = syntax(tmp_path, 'target: mine\nimage: "C:\\Users\\me\\a.tif"\n')
    assert "line 2, " in line and "write paths with /, or in single quotes" in line


def test_a_file_that_is_not_there_may_be_misspelt(tmp_path):
    (tmp_path / "my.yaml").write_text("target: mine")
    for name, fix in (("mi.yaml", "did you mean `my.yaml`"), ("no/other.yaml", "name a file that exists")):
        with pytest.raises(SynthemError, match="^ERROR CONFIG_SYNTAX .*No such file") as caught:
            check_syntax(tmp_path / name)
        assert caught.value.fix == fix


def test_a_tab_is_told_with_its_line(tmp_path):
    (line,) = syntax(tmp_path, "volumes:\n\tmine: {}\n")
    assert "line 2, column 1: " in line and "spaces, no tabs" in line


def test_a_tilde_is_the_home_folder(monkeypatch):
    monkeypatch.setenv("HOME", "/home/me")
    written = {"a": ["~/x.tif", 5, None], "b": {"~c": "~"}, "d": "x~y/~", "e": "~nobody-of-this-name/x"}
    meant = {"a": ["/home/me/x.tif", 5, None], "b": {"~c": "/home/me"}, "d": "x~y/~", "e": written["e"]}
    assert with_home(written) == meant


@pytest.mark.parametrize("text", ["a: {}\n", "a: &x {b: 1}\nc: *x\n"])
def test_an_empty_section_and_an_alias_are_fine(tmp_path, text):
    assert syntax(tmp_path, text) == []


def test_a_value_behind_several_aliases_is_told_once(tmp_path):
    assert len(syntax(tmp_path, "a: &x {b: 2e-4}\nc: *x\nd: *x\n")) == 1


def test_a_bomb_of_aliases_does_not_hang(tmp_path):
    levels = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 20))
    assert syntax(tmp_path, "a0: &a0 [1]\n" + levels) == []


def test_files_that_cannot_be_read_are_told(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path, tmp_path / "missing.yaml"):
        with pytest.raises(SynthemError, match="CONFIG_SYNTAX"):
            check_syntax(path)


# The configs of the project


def test_the_demo_passes():
    check_syntax(PROJECT / "config.yaml")
    assert checked(DEMO)["targets"] == ["hippocampus"]


DATA_OF = {"gan-tutorial": "vnc"}  # presets that name masks which the demo has not


@pytest.mark.parametrize(
    "path", sorted(PROJECT.glob("presets/*.yaml")) + [PROJECT / "tests/nano/config.yaml"]
)
def test_the_other_configs_of_the_project_pass_on_top_of_the_demo(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("mine/train/x/a.tif", "mine/train/y/a.tif", "D/imagesTr/a_0000.tif", "D/labelsTr/a.tif"):
        file = tmp_path / "data" / name.replace("D/", "Dataset001_mine/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    classes = {"labels": {"background": 0, "mitochondria": 1}}
    (tmp_path / "data/Dataset001_mine/dataset.json").write_text(json.dumps(classes))
    base, _, variant = path.stem.partition("_")
    base = DATA_OF.get(path.stem, base if variant else "")
    layers = [path.with_name(f"{base}.yaml"), path] if base else [path]
    config = DEMO
    for layer in layers:
        check_syntax(layer)
        config = merged(config, yaml.safe_load(layer.read_text()))
    checked(config)


def test_every_number_of_the_schema_has_two_bounds():
    numbers = [
        part
        for part in parts_of(SCHEMA)
        if isinstance(part, dict) and part.get("type") in ("number", "integer")
    ]
    lows = [{"minimum", "exclusiveMinimum"} & set(part) for part in numbers]
    highs = [{"maximum", "exclusiveMaximum"} & set(part) for part in numbers]
    assert len(numbers) > 30 and all(lows) and all(highs)


def test_every_section_of_the_schema_refuses_unknown_keys():
    sections = [part for part in parts_of(SCHEMA) if isinstance(part, dict) and part.get("type") == "object"]
    free = SCHEMA["properties"]["variants"][
        "additionalProperties"
    ]  # checked against the sections it departs from
    assert len(sections) > 20 and all("additionalProperties" in part for part in sections if part is not free)
    assert all(part["additionalProperties"] is False for part in sections if "properties" in part)


# The schema, in words


def test_a_misspelt_key_gets_the_right_one():
    line = only_problem(watershed__bodies__seed_distanse_nm=5)
    assert line.startswith(
        "ERROR CONFIG_KEY watershed.bodies.seed_distanse_nm: no such key (expected one of thresholds, "
    )
    assert line.endswith("Fix: did you mean `seed_distance_nm`.")


def test_a_missing_key_is_told():
    assert only_problem(structure=DELETED).startswith("ERROR CONFIG_KEY structure: missing")
    assert only_problem(split__test=DELETED).startswith("ERROR CONFIG_KEY split.test: missing")


@pytest.mark.parametrize(
    "change, value, words",
    [
        (
            "unets__training__steps",
            "5",
            "text '5' (expected a whole number from 1 to 10000000). Fix: remove the quotes",
        ),
        ("unets__training__steps", 0, "0 (expected a whole number from 1 to 10000000)"),
        ("unets__training__steps", 1.5, "1.5 (expected a whole number from 1"),
        ("compute__torch_threads", True, "the truth value true (expected a whole number from 1 to 256)"),
        ("split__fold", False, "the truth value false (expected a whole number from 0 to 1000)"),
        ("unets__training__augment__noise", True, "the truth value true (expected a number from 0 to 5)"),
        ("split__test", 1, "1 (expected a number above 0, below 1)"),
        ("split__test", "15%", "text '15%' (expected a number above 0, below 1). Fix: write digits only"),
        ("split__test", float("nan"), "not a number (expected a number above 0, below 1)"),
        ("watershed__bodies__smallest_nm3", float("inf"), "infinity (expected a number from 0"),
        ("unets__training__steps", float("nan"), "not a number (expected a whole number"),
        ("structure", 3, "3 (expected text). Fix: put it in quotes"),
        ("structure", None, "nothing (expected text). Fix: give a value"),
        (
            "volumes__larva__labels",
            None,
            "nothing (expected keys with values). Fix: indent its keys below it, or write {} for none",
        ),
        (
            "volumes__larva__voxel_size_nm",
            5,
            "5 (expected a list of 3 numbers from 0.05 to 1000000). Fix: put it in",
        ),
        (
            "volumes__larva__voxel_size_nm",
            [5, 5],
            "a list of 2: [5, 5] (expected a list of 3 numbers from 0.05",
        ),
        ("volumes__larva__voxel_size_nm", [0, 5, 5], "0 (expected a number from 0.05"),
        ("volumes__larva__image", "", "text '' (expected text)"),
        ("labels__budgets", [], "a list of 0: [] (expected a list of at least 1 whole numbers from 1"),
        ("labels__budgets", [3, "all", 3], "3 more than once (expected each value once)"),
        ("labels__budgets", ["most"], "text 'most' (expected one of `all`)"),
        ("study__replicates", 0, "0 (expected a whole number from 1 to 1000)"),
        ("watershed__bodies__thresholds", [0.5, 0.5], "0.5 more than once"),
        ("gans__generator__kind", "pix2pics", f"{quoted(GENERATORS)}). Fix: did you mean `pix2pix`."),
        ("unets__network__kind", "transformer", f"one of {quoted(KINDS)}). Fix: choose one of these."),
        ("arms__mixed__sets", {"real": 0}, "0 (expected a number above 0, up to 1)"),
        ("data_sets__synthetic__kind", "copy", "(expected one of `gan`, `copy_paste`, `bent`, `copies`"),
        (
            "unets__training__augment__turn",
            "sideways",
            "(expected one of `true`, `flips`, `horizontal`, `false`). Fix: choose one of these.",
        ),
        ("unets__training__augment__turn", 1, "1 (expected one of `true`, `flips`"),
        ("compute", 5, "5 (expected keys with values)"),
    ],
)
def test_a_wrong_value_is_told_in_words(change, value, words):
    line = only_problem(**{change: value})
    assert line.startswith(f"ERROR CONFIG_VALUE {change.replace('__', '.')}") and words in line


@pytest.mark.parametrize("name", ["a/b", "../up", ".hidden", "-dash", "a b", "a\n", "", "µ", "x" * 65])
def test_names_that_make_bad_paths_are_refused(name):
    (line,) = problems(edited(volumes=DEMO["volumes"] | {name: DEMO["volumes"]["larva"]}))
    assert line.startswith("ERROR CONFIG_VALUE volumes.") and "rename it: names become file names" in line


def test_a_name_that_yaml_reads_as_a_number_wants_quotes():
    (line,) = problems(edited(volumes=DEMO["volumes"] | {2024: DEMO["volumes"]["larva"]}))
    assert "the name 2024" in line and "put it in quotes" in line


@pytest.mark.parametrize("name", ["2024", "1e5", "1_0", "nan", "Infinity", "True", "FALSE"])
def test_names_that_tables_would_read_as_values_are_refused(name):
    (line,) = problems(edited(arms=DEMO["arms"] | {name: {"sets": {"real": 1}}}))
    assert line.startswith(f"ERROR CONFIG_VALUE arms.{name}: a name that reads as the value {name}")


@pytest.mark.parametrize("section, name, other", [("volumes", "Larva", "larva"), ("arms", "REAL", "real")])
def test_names_that_differ_in_capitals_alone_are_refused(section, name, other):
    (line,) = problems(edited(**{section: DEMO[section] | {name: DEMO[section][other]}}))
    assert line.startswith(f"ERROR CONFIG_VALUE {section}: `{name}` and `{other}`, the same but for capitals")


def test_masks_that_differ_in_capitals_alone_are_refused():
    line = only_problem(volumes__larva__masks=DEMO["volumes"]["larva"]["masks"] | {"Membrane": "a.tif"})
    assert line.startswith("ERROR CONFIG_VALUE volumes.larva.masks: `Membrane` and `membrane`, the same")


def test_own_files_under_the_name_of_an_embedded_volume_are_refused():
    own = {"image": "a.tif", "masks": {"mitochondria": "b.tif"}}
    config = edited()
    config["volumes"]["hippocampus"] |= own  # as Snakemake lays one config over another
    (line,) = problems(config)
    assert line.startswith("ERROR CONFIG_VALUE volumes.hippocampus: an image of your own beside")
    assert "results/phantoms/hippocampus/membrane" in line and "give your volume another name" in line


# A biologist's slips: what is meant stands elsewhere


@pytest.mark.parametrize(
    "change, value, words",
    [
        ("seeds", 2, "seeds: no such key (expected one of source, "),
        ("seeds", 2, "Fix: did you mean `study.seeds`"),
        ("image", "a.tif", "Fix: did you mean `volumes.<name>.image` or"),
        ("unets__steps", 2000, "Fix: did you mean `unets.training.steps` or"),
        ("unets__kaiming", True, "Fix: did you mean `unets.network.unet.kaiming` or"),
        (
            "volumes__image",
            "a.tif",
            "(expected keys with values). Fix: did you mean `volumes.<name>.image`",
        ),
        (
            "volumes__mine",
            None,
            "volumes.mine: nothing (expected keys with values). Fix: indent its keys below it",
        ),
        ("volumes__larva__mask", {}, "Fix: did you mean `masks`."),
        ("volumes__larva__masks", "m.tif", "Fix: say what it shows, like {mitochondria: m.tif}."),
        (
            "volumes__larva__voxel_size_nm",
            5,
            "Fix: put it in brackets, like [5, 5, 5].",
        ),
        ("volumes__larva__voxel_size_nm", "5 x 5", "Fix: put it in brackets, like [1, 2, 3]."),
        ("volumes__larva__voxel_size_nm", [0.05, 0.005, 0.05], "0.005 (expected a number from 0.05"),
        ("volumes__larva__image", ["a.tif", "b.tif"], "Fix: give one text; several files are a folder"),
        ("study__arms", "real", "Fix: put it in brackets, like [real]."),
        ("targets", ["mine"], "Fix: add volumes.mine."),
        ("target", "mine", "Fix: did you mean `targets`."),
        ("unet", {"network": {}}, "Fix: did you mean `unets`."),  # and no kind of network far below
        ("arm", {}, "Fix: did you mean `arms`."),
        ("unets__training__lr", 0.1, "Fix: did you mean `unets.training.optimiser.learning_rate` or"),
        ("gans__training__optimisers__generator__lr", 0.1, "Fix: did you mean `learning_rate`."),
        ("unets__training__epochs", 5, "Fix: did you mean `steps`: steps of one batch each, not epochs."),
        ("unets__epochs", 5, "Fix: did you mean `unets.training.steps` or"),
        ("unets__model", "unet", "Fix: did you mean `network`."),
        (
            "structure",
            "mito",
            "among mitochondria (expected a mask `mito`). Fix: add it, rename the mask that shows it",
        ),
    ],
)
def test_a_slip_is_told_what_was_meant(change, value, words):
    assert any(words in line for line in problems(edited(**{change: value})))


def test_a_single_arm_without_brackets_is_one_error():
    assert len(problems(edited(study__arms="real"))) == 1


# Names that point nowhere, and contradictions


@pytest.mark.parametrize(
    "change, value, words",
    [
        (
            "source",
            "larve",
            "source: `larve` (expected one of hippocampus, larva). Fix: did you mean `larva`.",
        ),
        ("targets", ["brain"], "targets.0: `brain` (expected one of"),
        (
            "study__reference",
            "rael",
            "study.reference: `rael` (expected one of real, mixed, synthetic)",
        ),
        ("study__arms", ["real", "mixd"], "study.arms: `mixd`"),
        (
            "phantoms",
            {"larva": DEMO["phantoms"]["larva"]},
            "volumes.hippocampus: `hippocampus` (expected one of larva)",
        ),
        ("volumes__larva__masks__membrane", DELETED, "volumes.larva.masks: no mask `membrane`"),
        (
            "volumes__hippocampus__masks",
            {"nuclei": "a.tif"},
            "volumes.hippocampus.masks: no mask `mitochondria`",
        ),
    ],
)
def test_a_name_that_points_nowhere_is_told(change, value, words):
    lines = problems(edited(**{change: value}))
    assert any(line.startswith("ERROR CONFIG_REFERENCE ") and words in line for line in lines)


def test_a_reference_that_is_defined_but_not_compared_is_refused():
    line = only_problem(study__arms=["mixed", "synthetic"])
    assert line.startswith(
        "ERROR CONFIG_REFERENCE study.reference: `real` (expected one of mixed, synthetic)"
    )


def test_the_membrane_cannot_be_the_structure():
    assert any(
        "CONFIG_REFERENCE structure: `membrane`" in line for line in problems(edited(structure="membrane"))
    )


def test_withheld_truth_cannot_be_a_mask_as_well():
    assert "`membrane` is also in masks" in only_problem(volumes__larva__withheld={"membrane": "a.tif"})


@pytest.mark.parametrize(
    "change, value, words",
    [
        ("unets__training__patch", 32, None),  # depth 3: 16
        ("unets__network__unet__depth", 6, None),  # patch 128: 2 x 2 is left
        ("membranes__training", {**DEMO["membranes"]["training"], "patch": 32}, None),
        ("gans__generator__resize_unet__depth", 7, None),  # patch 128: 1 x 1 is left, as in the paper
        (
            "gans__generator__resize_unet__depth",
            8,
            "gans.training.patch: 128 (expected at least 256 for depth 8)",
        ),
        (
            "synthesis__filter__least_kept",
            25,
            "synthesis.filter.least_kept: 25 of 24 slices (expected at most 24)",
        ),
        ("arms__threshold", {"sets": {"real": 1}}, "arms.threshold: an arm named `threshold`"),
        ("arms__nothing", {"sets": {"real": 1}}, "arms.nothing: an arm named `nothing`"),
        ("volumes__larva__masks__image", "a.tif", "volumes.larva.masks.image: a mask named `image`"),
    ],
)
def test_values_that_contradict_each_other_are_told(change, value, words):
    config = edited(**{change: value})
    if words is None:
        checked(config)
    else:
        (line,) = problems(config)
        assert line.startswith("ERROR CONFIG_VALUE ") and words in line


def test_a_unet_keeps_two_pixels_at_its_innermost_level():
    line = only_problem(unets__network__unet__depth=5, unets__training__patch=63)
    assert "unets.training.patch: 63 (expected at least 64 for depth 5)" in line


def test_all_problems_are_told_at_once():
    config = edited(source="larve", split__test="x", watershd={}, labels__budgets=[3, 3], structure=DELETED)
    codes = [line.split()[1] for line in problems(config)]
    assert codes == ["CONFIG_KEY"] * 2 + ["CONFIG_REFERENCE"] + ["CONFIG_VALUE"] * 2


@pytest.mark.parametrize(
    "config", [{}, {"volumes": []}, {"volumes": {"a": None}}, edited(volumes={"a": 1}, arms=[])]
)
def test_the_wildest_config_is_only_errors(config):
    assert all(line.startswith("ERROR CONFIG_") for line in problems(config))


# One canonical form


def reversed_keys(value):
    if isinstance(value, dict):
        return {key: reversed_keys(part) for key, part in reversed(value.items())}
    return [reversed_keys(part) for part in value] if isinstance(value, list) else value


def test_the_order_of_keys_does_not_matter():
    assert repr(checked(reversed_keys(DEMO))) == repr(checked(DEMO))


def test_the_same_number_written_otherwise_is_the_same():
    one = edited(
        synthesis__masks__slices=30,
        gans__objective__real_or_fake__l1_weight=100,
        watershed__bodies__seed_distance_nm=-0.0,
    )
    other = edited(
        synthesis__masks__slices=30.0,
        gans__objective__real_or_fake__l1_weight=100.0,
        watershed__bodies__seed_distance_nm=0,
    )
    assert repr(checked(one)) == repr(checked(other))


def test_swapped_values_are_another_config():
    one = edited(watershed__bodies__seed_distance_nm=1, watershed__bodies__smallest_nm3=2)
    other = edited(watershed__bodies__seed_distance_nm=2, watershed__bodies__smallest_nm3=1)
    assert repr(checked(one)) != repr(checked(other))


def test_the_order_of_a_list_is_kept():
    assert checked(edited(labels__budgets=[3, "all", 2]))["labels"]["budgets"] == [3, "all", 2]


def test_groups_that_are_left_out_are_empty():
    config = checked(edited(volumes__larva__withheld=DELETED))
    assert config["volumes"]["larva"]["withheld"] == {}


# Volumes: sources in two forms, layouts


def test_a_mask_may_be_files_alone_or_files_with_their_meaning():
    masks = DEMO["volumes"]["larva"]["masks"]
    wanted = {"files": "m.tif", "foreground": [32, 64], "ignore": [7]}
    config = checked(edited(volumes__larva__masks={**masks, "membrane": wanted}))
    found = config["volumes"]["larva"]["masks"]
    assert found["membrane"] == {**wanted, "background": []}
    assert found["mitochondria"]["foreground"] == "bright" and found["mitochondria"]["ignore"] == []


@pytest.mark.parametrize(
    "value, words",
    [
        (5, "volumes.larva.masks.membrane: 5 (expected text, or keys with values)"),
        ({"foreground": "dark"}, "volumes.larva.masks.membrane.files: missing"),
        ({"files": "a", "forground": "dark"}, "forground: no such key"),
        (
            {"files": "a", "foreground": "darkk"},
            "(expected one of `bright`, `dark`, `labels`, `borders`, `inside`)",
        ),
        ({"files": "a", "foreground": "darkk"}, "did you mean `dark`"),
        ({"files": "a", "foreground": [1.5]}, "foreground.0: 1.5 (expected a whole number"),
        ({"files": "a", "foreground": 3}, "foreground: 3 (expected one of"),
    ],
)
def test_what_is_wrong_with_one_form_is_told_of_that_form(value, words):
    assert words in only_problem(volumes__larva__masks__membrane=value)


def test_a_structure_that_only_has_labels_gets_its_mask_from_them():
    volume = {"image": "a.tif", "labels": {"mitochondria": "l.tif"}, "voxel_size_nm": [5, 5, 5]}
    config = checked(edited(volumes__hippocampus=volume))
    mask = config["volumes"]["hippocampus"]["masks"]["mitochondria"]
    assert mask == {"files": "l.tif", "foreground": "labels", "background": [], "ignore": []}


def test_only_the_volumes_of_the_run_are_looked_at():
    other = {"layout": "nnunet", "folder": "nowhere"}
    config = checked(edited(volumes=DEMO["volumes"] | {"other": other}))
    assert sorted(config["volumes"]) == ["hippocampus", "larva"]


@pytest.mark.parametrize(
    "volume, words",
    [
        ({"layout": "vnc"}, "CONFIG_KEY volumes.hippocampus.folder: missing beside `layout`"),
        ({"folder": "a"}, "CONFIG_KEY volumes.hippocampus.layout: missing beside `folder`"),
        ({"masks": {"mitochondria": "a"}}, "CONFIG_KEY volumes.hippocampus.image: missing"),
        ({"layout": "nnunet", "folder": "nowhere"}, "DATA_FORMAT nowhere/dataset.json"),
        ({"layout": "biapy", "folder": "nowhere"}, "DATA_MISSING nowhere/train/x"),
        ({"layout": "vnc-stack2", "folder": "a"}, "no mask `mitochondria` among none"),
        ({"image": "a", "masks": {"mitochondria": "b"}, "test": {"masks": {}}}, "test.image: missing"),
        (
            {"image": "a", "masks": {"mitochondria": "b"}, "test": {"image": "c", "masks": {"nuclei": "d"}}},
            "test.masks: no mask `mito",
        ),
    ],
)
def test_an_entry_that_is_incomplete_is_told(volume, words):
    assert words in only_problem(volumes__hippocampus=volume)


def test_a_fold_that_there_is_not_is_told():
    assert "split.fold: 5 (expected at most round(1 / test) = 4)" in only_problem(split__fold=5)
    line = only_problem(volumes__hippocampus__fold=5)
    assert "volumes.hippocampus.fold: 5 (expected at most round(1 / test) = 4)" in line


def test_the_canonical_config_is_plain_data():
    kinds = {type(part) for part in parts_of([checked(DEMO)])}
    assert kinds == {dict, list}

    def leaves(value):
        parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
        return {type(value)} if parts is None else set().union(*map(leaves, parts))

    assert leaves(checked(DEMO)) == {str, int, float, bool}


def test_canonical_does_not_change_its_argument():
    before = repr(DEMO)
    canonical(DEMO, SCHEMA, SCHEMA)
    assert repr(DEMO) == before


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("inference__halo", 1024, "inference.halo: 1024 (expected less than the tile, 1024)"),
        (
            "synthesis__masks__bent__elastic_nm",
            126,
            "synthesis.masks.bent.elastic_nm: 126 (expected at most 125",
        ),
    ],
)
def test_choices_that_would_fail_or_mislead_later_are_refused(path, value, words):
    assert any(words in line for line in problems(edited(**{path: value})))


def test_affinities_are_not_to_be_turned():
    found = problems(edited(inference__turns=8, unets__target__kind="affinities"))
    words = "inference.turns: 8 with unets.target.kind: affinities (expected 1)"
    assert any(words in line for line in found)
    checked(edited(inference__turns=8))  # masks may be


def test_labelled_slices_are_numbers_or_ranges():
    config = edited(volumes__hippocampus__labelled_slices=["0-2", 5])
    assert checked(config)["volumes"]["hippocampus"]["labelled_slices"] == [0, 1, 2, 5]
    problem = only_problem(volumes__hippocampus__labelled_slices=["first", 5])
    assert "CONFIG_VALUE volumes.hippocampus.labelled_slices: `first`" in problem
    problem = only_problem(volumes__hippocampus__labelled_slices="0-9")
    assert "text '0-9' (expected a list of at least 1 whole numbers" in problem
    problem = only_problem(volumes__hippocampus__labelled_slices=[0.5])
    assert (
        "CONFIG_VALUE volumes.hippocampus.labelled_slices.0: 0.5 (expected a whole number from 0" in problem
    )


# Words of the README


def test_what_the_readme_tells_to_write_passes_the_check():
    pages = ("README.md", "docs/usage.md", "docs/tutorial.md")
    readme = "".join((PROJECT / name).read_text() for name in pages)
    blocks = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", readme, re.DOTALL)]
    blocks += [yaml.safe_load(text) for text in re.findall(r"`(gans: \{.*?\}|study: \{arms.*?\})`", readme)]
    assert len(blocks) >= 5
    for block in blocks:
        checked(merged(DEMO, block))


@pytest.mark.parametrize(
    "made",
    [
        "results/volumes/hippocampus/volume.h5:image",
        "results/apply/whole/real/fiji/masks/segmentation.tif",  # corrected in its place
        "./results/exports/hippocampus/volume/fiji/image.tif",
        os.path.abspath("results/exports/hippocampus/volume/fiji/image.tif"),
    ],
)
def test_a_volume_is_not_made_of_what_runs_make(made):
    (found,) = problems(edited(volumes__hippocampus__masks__mitochondria=made))
    assert f"volumes.hippocampus: `{made}`, which is made of volumes" in found
    assert "copy it out of results/" in found


@pytest.mark.parametrize("own", ["results-old/mask.tif", "../results/mask.tif", "data/results/mask.tif"])
def test_a_folder_with_a_name_like_results_is_a_users_own(own):
    assert not [one for one in problems(edited(volumes__hippocampus__image=own)) if "made of volumes" in one]
