"""Drives an MCP server with the reference library and prints what happened as one JSON object.

Standard input holds what to do: {"command": [program, argument...]} or {"url": ..., "token": ...},
"mode" ("auto" or "legacy"), and "calls" as [tool, arguments] pairs.
"""

import asyncio
import json
import sys

import httpx2
from jsonschema import Draft202012Validator
from mcp import Client
from mcp.client.stdio import StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

PATIENCE = 60.0


def reach(plan, statuses):
    """The transport, and what closes it."""
    if "command" in plan:
        program, *arguments = plan["command"]
        return StdioServerParameters(command=program, args=arguments), None

    async def note(response):
        statuses.append(response.status_code)

    headers = {"Authorization": f"Bearer {plan['token']}"} if plan.get("token") else {}
    http = httpx2.AsyncClient(
        headers=headers, timeout=PATIENCE, event_hooks={"response": [note]}, trust_env=False
    )
    return streamable_http_client(plan["url"], http_client=http), http


def faults(schema, value):
    """Where a value breaks a schema."""
    if schema is None:
        return ["no schema"]
    Draft202012Validator.check_schema(schema)
    return [fault.message for fault in Draft202012Validator(schema).iter_errors(value)]


async def call(client, tool, name, arguments):
    steps = []

    async def on_progress(done, total, message):
        steps.append({"done": done, "total": total, "message": message})

    answer = await client.call_tool(
        name, arguments, read_timeout_seconds=PATIENCE, progress_callback=on_progress
    )
    # A failure has no structured content to judge.
    broken = [] if answer.is_error else faults(tool.output_schema, answer.structured_content)
    return {
        "tool": name,
        "is_error": bool(answer.is_error),
        "text": "\n".join(block.text for block in answer.content),
        "structured": answer.structured_content,
        "faults": broken,
        "steps": steps,
    }


async def drive(plan):
    statuses = []
    told = {"statuses": statuses, "calls": []}
    transport, http = reach(plan, statuses)
    try:
        async with Client(
            transport, mode=plan["mode"], read_timeout_seconds=PATIENCE
        ) as client:
            told["protocol"] = client.protocol_version
            tools = {tool.name: tool for tool in (await client.list_tools()).tools}
            told["tools"] = sorted(tools)
            for name, arguments in plan["calls"]:
                told["calls"].append(await call(client, tools[name], name, arguments))
    except Exception as error:  # What kept it from going on is part of the answer.
        told["stopped"] = f"{type(error).__name__}: {error}"
    finally:
        if http is not None:
            await http.aclose()
    return told


print(json.dumps(asyncio.run(drive(json.load(sys.stdin)))))
