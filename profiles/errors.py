"""A wrong profile, said with file, line, column, field and remedy."""

from __future__ import annotations

from typing import Any


class ProfileError(Exception):
    """The profile cannot be used; ``line`` and ``column`` count from 1, 0 when unknown."""

    code = "profile.error"

    def __init__(
        self,
        message: str,
        *,
        file: str = "",
        line: int = 0,
        column: int = 0,
        field: str = "",
        remedy: str = "",
        code: str | None = None,
        **facts: Any,
    ) -> None:
        where = ":".join(str(part) for part in (file, line, column) if part)
        super().__init__(
            f"{where}: {field}: {message}" if where and field else f"{where or field}: {message}".lstrip(": ")
        )
        self.message = message
        self.file = file
        self.line = line
        self.column = column
        self.field = field
        self.remedy = remedy
        self.facts = facts
        if code is not None:
            self.code = code

    @property
    def params(self) -> dict[str, Any]:
        """The facts of this case, for message catalogues."""
        return {
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "field": self.field,
            **self.facts,
        }

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON answers."""
        return {
            "code": self.code,
            "message": self.message,
            "remedy": self.remedy,
            "params": self.params,
        }
