"""python -m synthem.networks: parameters beside the published numbers; exit code 1 if one differs."""

import sys

from synthem.networks.published import compared

LINE = "{:<13} {:<16} {:<20} {:>10} {:>10} {:>10}  {}"


def main():
    print(LINE.format("network", "kind", "source", "trainable", "total", "published", "").rstrip())
    wrong = 0
    for role, kind, source, trainable, total, number, differs in compared():
        numbers = [f"{trainable:,}", f"{total:,}", "not stated" if number is None else f"{number:,}"]
        print(LINE.format(role, kind, source, *numbers, "DIFFERS" if differs else "").rstrip())
        wrong += differs
    print(f"{wrong} differ from the published number" if wrong else "all as published")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
