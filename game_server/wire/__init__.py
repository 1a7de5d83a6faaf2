"""Bytes to types and types to bytes: what stands on the wire, and nothing about sockets.

Pure; pydantic lives here. The models of this package are also what the AsyncAPI and OpenAPI documents, the TypeScript
types and the Python client are made of.
"""
