"""The one error of policy packs: it always says where in which file."""


class PackError(ValueError):
    """A pack is wrong or silent: `file:line: parameter: what is wrong`."""

    def __init__(self, message: str, *, file: str, line: int, parameter: str | None = None) -> None:
        self.message = message
        self.file = file
        self.line = line
        self.parameter = parameter
        super().__init__(": ".join(part for part in (f"{file}:{line}", parameter, message) if part))
