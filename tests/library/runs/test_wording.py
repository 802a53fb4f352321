from synthem.runs.wording import FOLLOWS, plan_in_words, shortened, step_in_words, time_left


def test_a_step_is_named_by_what_it_does_and_what_it_works_on():
    wildcards = {"volume": "hippocampus", "arm": "mixed", "budget": "4", "replicate": "2", "seed": "1"}
    assert (
        step_in_words("train_unet", wildcards) == "train U-Net: hippocampus, mixed, 4 slices, rep 2, seed 1"
    )
    assert step_in_words("train_gan", {"budget": "1"}) == "train GAN: 1 slice"
    assert step_in_words("train_gan", {"budget": "all"}) == "train GAN: all slices"
    assert step_in_words("list_data", {}) == "list data"


def test_a_lower_bound_is_said_where_it_is_no_small_part():
    assert time_left(300, spent=900, all_known=True) == "5 min"
    assert time_left(300, spent=299, all_known=False) == ">5 min"
    assert time_left(300, spent=300, all_known=False) == time_left(2, spent=1, all_known=False) == ""
    assert time_left(None, spent=0, all_known=False) == ""


def test_a_line_is_shortened_to_a_terminal_and_whole_in_a_file():
    assert shortened("a long line", 6) == "a lon…"
    assert shortened("a long line", 0) == "a long line"


def test_a_dry_run_counts_steps_by_the_reason_that_is_their_own():
    params = "params have changed since last execution"
    jobs = [("train_unet", [FOLLOWS, params])] * 3 + [("score_forest", [FOLLOWS])]
    assert plan_in_words(jobs, then=["filter_volume"], width=80) == [
        "Dry run: 4 steps would run. Why, and how many:",
        "  params have changed since last execution (3):",
        "    3 x train U-Net",
        "  input files updated by another job (1):",
        "    1 x score forest",
        "More steps become known after: filter volume.",
    ]


def test_a_dry_run_of_targets_alone_has_no_reasons():
    assert plan_in_words([], then=[], width=80) == ["Dry run: no step would run."]


def test_one_is_no_plural():
    jobs = [(f"rule_{'x' * 20}_{number}", ["reason"]) for number in range(3)]
    assert plan_in_words(jobs[:1], then=[], width=80)[0] == "Dry run: 1 step would run. Why, and how many:"
    # 50 columns hold two of three, 40 one.
    words = {width: " ".join(map(str.strip, plan_in_words(jobs, then=[], width=width))) for width in (50, 40)}
    assert words[50].endswith("and 1 other kind") and words[40].endswith("and 2 other kinds")


def test_a_dry_run_of_many_rules_and_reasons_is_short_and_leaves_no_step_uncounted():
    jobs = [(f"draw_something_long_{rule}", [f"reason {rule % 7}"]) for rule in range(70)]
    lines = plan_in_words(jobs, then=[], width=80)
    assert len(lines) <= 14 and max(map(len, lines)) <= 80
    assert sum("other kinds" in line for line in lines) == 4
    assert lines[-1] == "  other reasons (30)"
