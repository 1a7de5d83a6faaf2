"""The edge: sockets, streams, routes and pages, on FastAPI and uvicorn."""

from pydantic import BaseModel

# FastAPI's models of OpenAPI documents take a tenth of a second to build: that is for who asks for /openapi.json. This
# must come before anything else imports FastAPI.
BaseModel.model_config["defer_build"] = True
try:
    import fastapi.openapi.models  # noqa: F401
finally:
    del BaseModel.model_config["defer_build"]
