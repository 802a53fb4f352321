"""Arrays that belong together: row n of each is of the same patch, or of the same slice of one."""

from dataclasses import fields, replace


class Rows:
    """What a dataclass of such arrays (of numpy or torch) can do; its fields may be Rows themselves."""

    def mapped(self, change):
        """Rows with change(array) in the place of each array; what is no array stays as it is."""
        parts = {field.name: getattr(self, field.name) for field in fields(self)}
        changed = {name: part.mapped(change) for name, part in parts.items() if isinstance(part, Rows)}
        changed |= {name: change(part) for name, part in parts.items() if hasattr(part, "shape")}
        return replace(self, **changed)

    def __getitem__(self, which):
        """Some rows, or a single one."""
        return self.mapped(lambda array: array[which])

    def share(self, k, count):
        """Share k of `count` equal ones, one after the other."""

        def part(array):
            length = len(array) // count
            return array[k * length : (k + 1) * length]

        return self.mapped(part)
