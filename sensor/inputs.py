"""Files a person hands in: one error for all that can be wrong with them, in one line with its mend."""

from pathlib import Path
from typing import BinaryIO


class InputError(ValueError):
    """A file that cannot be used. Its text is one line: the file, what is wrong, where, and the mend."""

    def __init__(self, path: Path, fault: str) -> None:
        super().__init__(f"{path}: {fault}")


def open_input(path: Path) -> BinaryIO:
    """Open a file for reading.

    Raises:
        InputError: it is missing, a directory, not ours to read, or empty.
    """
    try:
        if path.is_dir():
            raise InputError(path, "is a directory; name a file in it")
        file = path.open("rb")
    except FileNotFoundError:
        raise InputError(path, "does not exist; check the name") from None
    except PermissionError:
        raise InputError(path, "may not be read; ask for read permission (chmod, chown)") from None
    except OSError as error:
        raise InputError(path, f"cannot be opened: {error.strerror}") from None
    if not file.peek(1):
        file.close()
        raise InputError(path, "is empty; nothing was recorded in it")
    return file


def new_output(path: Path) -> BinaryIO:
    """Create a file for writing, unbuffered; what exists is never overwritten.

    Raises:
        InputError: it exists, its directory does not, or it may not be written.
    """
    try:
        return path.open("xb", buffering=0)
    except FileExistsError:
        raise InputError(path, "exists already and is not overwritten; choose another name") from None
    except FileNotFoundError:
        raise InputError(path, "lies in a directory that does not exist; create it first") from None
    except OSError as error:
        raise InputError(path, f"cannot be written: {error.strerror}") from None
