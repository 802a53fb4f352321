"""A section of the config that chooses a kind, as the library takes it."""


def of_kind(kind, **options):
    return {"kind": kind, kind: options}


def with_options(section, **changed):
    """The same choice with other options."""
    return of_kind(section["kind"], **section[section["kind"]] | changed)
