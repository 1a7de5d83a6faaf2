"""The edge: sockets, streams, routes and pages, on FastAPI and uvicorn."""

import sys

from pydantic import BaseModel

# Nobody here has models of pydantic 1, whose package FastAPI would load to find that out: in the whole process it
# counts as not installed.
sys.modules.setdefault("pydantic.v1", None)  # type: ignore[arg-type]

# FastAPI's models of OpenAPI documents take a tenth of a second to build: that is for who asks for /openapi.json. This
# must come before anything else imports FastAPI.
BaseModel.model_config["defer_build"] = True
try:
    import fastapi.openapi.models  # noqa: F401
finally:
    del BaseModel.model_config["defer_build"]
