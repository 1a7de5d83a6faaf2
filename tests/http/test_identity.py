"""Seat tokens and origins."""

import pytest
from starlette.datastructures import Headers

from game_server.http import identity


def headers(**fields):
    return Headers({name.replace("_", "-"): value for name, value in fields.items()})


GIVEN = {
    "nothing": ({}, [], None, None),
    "the query": ({}, [], "q", "q"),
    "a subprotocol": ({}, ["chess.v1", "token.s"], None, "s"),
    "a header": ({"authorization": "Bearer h"}, [], None, "h"),
    "a header in small letters": ({"authorization": "bearer h"}, [], None, "h"),
    "a header with spaces": ({"authorization": "Bearer   h "}, [], None, "h"),
    "a header of another kind": ({"authorization": "Basic h"}, [], "q", "q"),
    "a header without a token": ({"authorization": "Bearer"}, [], "q", ""),
    "header before subprotocol": ({"authorization": "Bearer h"}, ["token.s"], "q", "h"),
    "subprotocol before query": ({}, ["token.s"], "q", "s"),
    "an empty subprotocol": ({}, ["token."], None, ""),
}


@pytest.mark.parametrize(("fields", "subprotocols", "query", "expected"), GIVEN.values(), ids=GIVEN)
def test_where_a_token_is_looked_for(fields, subprotocols, query, expected):
    assert identity.given_token(headers(**fields), subprotocols, query) == expected


def test_an_issued_token_is_well_formed_and_never_the_same():
    tokens = {identity.new_seat_token() for _ in range(1_000)}
    assert len(tokens) == 1_000
    assert all(identity.is_token(token) for token in tokens)


def test_of_a_token_only_its_hash_is_kept():
    token = identity.new_seat_token()
    assert token not in identity.hashed(token)
    assert identity.hashed(token) == identity.hashed(token) != identity.hashed(token + "x")


ORIGINS = {
    #                            origin                  host             may connect
    "a program":                (None,                   "a.example",     True),
    "this host":                ("https://a.example",    "a.example",     True),
    "this host in capitals":    ("https://A.Example",    "a.example",     True),
    "this host and port":       ("http://a.example:80",  "a.example:80",  True),
    "an address of version 6":  ("http://[::1]:80",      "[::1]:80",      True),
    "a listed site":            ("https://b.example",    "a.example",     True),
    "another host":             ("https://c.example",    "a.example",     False),
    "another port":             ("http://a.example:81",  "a.example:80",  False),
    "a longer name":            ("http://a.example.c",   "a.example",     False),
    "a listed site, insecure":  ("http://b.example",     "a.example",     False),
    "a sandbox":                ("null",                 "a.example",     False),
    "nothing":                  ("",                     "a.example",     False),
    "nothing, to no host":      ("",                     "",              False),
    "half an address":          ("http://[",             "a.example",     False),
    "another scheme":           ("ftp://a.example",      "a.example",     False),
    "more than an origin":      ("http://a.example/x",   "a.example",     False),
    "a user at this host":      ("http://x@a.example",   "a.example",     False),
}


@pytest.mark.parametrize(("origin", "host", "may_connect"), ORIGINS.values(), ids=ORIGINS)
def test_which_pages_may_connect(origin, host, may_connect):
    fields = {"host": host} | ({} if origin is None else {"origin": origin})
    assert identity.is_allowed_origin(headers(**fields), frozenset({"https://b.example"})) is may_connect
