"""What `make new` proposes for an image and its mask, read back as the workflow reads it."""

import yaml

from synthem.config.checking import check_syntax
from synthem.proposals.proposing import options_of, propose


def proposed_config(folder, image, mask, **options):
    """(The config as data, its text, what was found); a picture lies beside it, for people to look at."""
    words = [f"--{key.replace('_', '-')}={value}" for key, value in options.items()]
    path = folder / "my.yaml"
    found = propose(options_of([f"--image={image}", f"--mask={mask}", f"--config={path}", *words]))
    assert (folder / "my.png").read_bytes().startswith(b"\x89PNG")
    check_syntax(path)
    text = path.read_text()
    assert len(text.splitlines()) <= 25
    return yaml.safe_load(text), text, found
