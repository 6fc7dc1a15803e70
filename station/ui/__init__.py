"""The operator window: one page that shows the bench and asks the service, nothing else."""

import builtins
import os

# Nothing here is extended by plug-ins of the model library; looking for some at every installed package would
# hold up the first sight of the window.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

# PySide6 puts itself in front of every later import and reads each module's source for switches of its own
# (``__feature__``), which nothing here uses: a third of what a start imports. Python's own way is put back.
_python_imports = builtins.__import__
import PySide6  # noqa: E402, F401

builtins.__import__ = _python_imports
