"""The operator window: one page that shows the bench and asks the service, nothing else."""

import os

# Nothing here is extended by plug-ins of the model library; looking for some at every installed package would
# hold up the first sight of the window.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
