"""The edge: sockets, streams, routes and pages, on FastAPI and uvicorn."""

from pydantic import BaseModel

# FastAPI's models of OpenAPI documents take a tenth of a second to build: that is for who asks for /openapi.json.
BaseModel.model_config["defer_build"] = True
import fastapi.openapi.models  # noqa: E402, F401

del BaseModel.model_config["defer_build"]
