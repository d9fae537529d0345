"""Files a person names: one error for all that can be wrong with them, in one line with its mend."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedWriter
from pathlib import Path
from typing import BinaryIO


class InputError(ValueError):
    """A file that cannot be used. Its text is one line: the file, what is wrong, where, and the mend."""

    def __init__(self, path: Path, fault: str) -> None:
        super().__init__(f"{path}: {fault}")


def open_input(path: Path) -> BinaryIO:
    """Open a file for reading.

    Raises:
        InputError: it is missing, no plain file, not ours to read, or empty.
    """
    try:
        if path.is_dir():
            raise InputError(path, "is a directory; name a file in it")
        if path.exists() and not path.is_file():
            raise InputError(path, "is a device or a pipe; copy what it gives into a file")
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
    except PermissionError:
        raise InputError(path, "may not be written there; choose another directory, or ask for permission") from None
    except OSError as error:
        raise InputError(path, f"cannot be written: {error.strerror}") from None


@contextmanager
def whole_output(path: Path) -> Iterator[BinaryIO]:
    """Create a file that is written whole or not left behind: half a file would look like a whole one.

    Raises:
        InputError: as `new_output`.
    """
    file = new_output(path)
    try:
        with BufferedWriter(file) as buffer:
            yield buffer
    except BaseException:
        path.unlink(missing_ok=True)
        raise
