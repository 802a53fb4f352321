"""Warns where the way to instances does not fit what the structure looks like."""

from synthem.storage.naming import count_text

FEW = 0.2  # of all objects: no more may get lost in a median of slices (of VNC a tenth did, and it gained)


def warn_of_cutting(finding, sheet, lengths, *, methods, median_slices):
    """methods: `watershed.method` of all arms; median_slices: of the arm with the most.

    sheet: whether the structure hangs together, as membranes do. lengths Counter {slices: objects so long}.
    """
    if sheet and "bodies" in methods:
        finding.warn(
            "it hangs together as one sheet, which `watershed.method: bodies` cuts where it is narrow: write "
            "`watershed: {method: components}`"
        )
    lost = median_slices // 2  # what lies in so few slices is outvoted in each, but at the ends of the block
    thin = sum(count for length, count in lengths.items() if length <= lost)
    if thin > FEW * lengths.total():
        reach = "a single slice" if lost == 1 else f"at most {lost} slices"
        finding.warn(
            f"{thin} of {count_text(lengths.total(), 'object')} lie in {reach}, and may get lost in a median "
            f"of {median_slices}: write `watershed: {{median_slices: {median_slices - 2}}}`"
        )
