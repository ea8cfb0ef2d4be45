"""The description of the API, as programs read it (OpenAPI 3.1); ``docs/protocol.md`` is for people."""

from __future__ import annotations

from typing import Any

from chatroom import __version__

_SEQ: dict[str, Any] = {"type": "integer", "minimum": 0, "maximum": 2**53 - 1}
_REFUSED = {"$ref": "#/components/responses/Refused"}
_REFUSALS: dict[str, Any] = dict.fromkeys(("400", "401", "403", "404", "429", "503"), _REFUSED)
_TEXT = {"text/plain": {"schema": {"type": "string"}}}
_ROOM = {
    "name": "room",
    "in": "path",
    "required": True,
    "description": "The room's name, without its #.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 32},
    "example": "lobby",
}
_EVENT: dict[str, Any] = {
    "type": "object",
    "description": "What happened in a room; docs/protocol.md lists the types and the fields of each.",
    "required": ["type", "room", "seq", "at", "nick"],
    "properties": {
        "type": {"type": "string", "example": "said"},
        "room": {"type": "string"},
        "seq": {"type": "integer", "minimum": 1},
        "at": {"type": "string", "format": "date-time"},
        "nick": {"type": "string"},
        "text": {"type": "string"},
        "bot": {"type": "boolean", "description": "Present if a script said it."},
    },
}
_SENT = {
    "type": "object",
    "description": "One server-sent event.",
    "properties": {
        "id": {"type": "string", "description": "The seq."},
        "data": {"type": "string", "description": "An Event, or a gap, as JSON."},
    },
}
_POSTED = {
    "description": "Where it is stored.",
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["room", "seq"],
                "properties": {"room": {"type": "string"}, "seq": {"type": "integer", "minimum": 1}},
            }
        }
    },
}
_MESSAGE = {
    "type": "object",
    "required": ["text"],
    "properties": {
        "text": {"type": "string", "minLength": 1, "description": "At most 4,096 bytes and 40 lines; visible."},
        "ref": {
            "type": ["string", "null"],
            "maxLength": 64,
            "description": "A mark of your own: what comes again with the same mark is the same message.",
        },
    },
}
_PAGE = {
    "type": "object",
    "required": ["room", "messages", "first", "last", "more"],
    "properties": {
        "room": {"type": "string"},
        "messages": {"type": "array", "items": {"$ref": "#/components/schemas/Event"}},
        "first": {"type": "integer", "description": "The value of before, to read on backward."},
        "last": {"type": "integer", "description": "The value of after, to read on forward."},
        "more": {"type": "boolean"},
        "gap": {"type": "integer", "description": "Up to this seq, events were removed by retention."},
    },
}


def _parameter(name: str, where: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": where, "description": description, "schema": schema}


_POST = {
    "operationId": "post",
    "summary": "Say something in a room",
    "requestBody": {
        "required": True,
        "description": "Every type but JSON is said as it is.",
        "content": {"application/json": {"schema": _MESSAGE}, **_TEXT},
    },
    "responses": {"200": _POSTED, "201": _POSTED, "413": _REFUSED, **_REFUSALS},
}
_READ = {
    "operationId": "read",
    "summary": "Read what was said in a room",
    "parameters": [
        _parameter("before", "query", "Only messages before this seq.", _SEQ),
        _parameter("after", "query", "The first messages after this seq; without it, the last.", _SEQ),
        _parameter("limit", "query", "How many.", {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}),
    ],
    "responses": {
        "200": {
            "description": "Messages, the oldest first.",
            "content": {"application/json": {"schema": _PAGE}, **_TEXT},
        },
        **_REFUSALS,
    },
}
_FOLLOW = {
    "operationId": "follow",
    "summary": "Follow a room: server-sent events, or one JSON object a line",
    "parameters": [
        _parameter("after", "query", "Begin after this seq; without it, with what happens next.", _SEQ),
        _parameter(
            "follow", "query", "false: end after what has happened by now.", {"type": "boolean", "default": True}
        ),
        _parameter("Last-Event-ID", "header", "Begin after this seq, as browsers say it.", _SEQ),
    ],
    "responses": {
        "200": {
            "description": "A stream; each event has its seq as its id.",
            "content": {
                "text/event-stream": {"schema": _SENT},
                "application/x-ndjson": {"schema": {"type": "string"}},
            },
        },
        **_REFUSALS,
    },
}
_HOOK = {
    "operationId": "hook",
    "summary": "Post as to Slack",
    "security": [],
    "parameters": [
        {
            "name": "token",
            "in": "path",
            "required": True,
            "schema": {"type": "string", "minLength": 1, "maxLength": 256},
        }
    ],
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "description": "text, attachments, blocks, username and channel; what makes no sense is ignored.",
                }
            }
        },
    },
    "responses": {
        **{
            status: {"description": "Refused.", "content": _TEXT}
            for status in ("400", "401", "403", "413", "429", "503")
        },
        "200": {"description": "It is said.", "content": _TEXT},
    },
}
DESCRIPTION: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {
        "title": "chatroom",
        "version": __version__,
        "description": "Post to rooms, read and follow them, with a token that /token add NAME makes in the chat.",
    },
    "security": [{"token": []}],
    "paths": {
        "/rooms/{room}/messages": {"parameters": [_ROOM], "get": _READ, "post": _POST},
        "/rooms/{room}/events": {"parameters": [_ROOM], "get": _FOLLOW},
        "/hooks/{token}": {"post": _HOOK},
    },
    "components": {
        "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        "schemas": {"Event": _EVENT},
        "responses": {
            "Refused": {
                "description": "Refused; the code is stable, the text is for people.",
                "content": {
                    "application/json": {
                        "schema": {
                            "type": "object",
                            "required": ["type", "code", "text"],
                            "properties": {name: {"type": "string"} for name in ("type", "code", "text")},
                        }
                    },
                    **_TEXT,
                },
            }
        },
    },
}
