"""One request to the management HTTP API, by users of any name."""
import base64
import json
import typing
import urllib.error
import urllib.request


class Answer(typing.NamedTuple):
    status: int
    body: object  # what the JSON says; None where there is no body
    headers: typing.Mapping


def ask(url, method, path, body=None, *, user="guest", password="guest", context=None):
    """A refusal is an answer, too. `context` is of the module ssl, for https."""
    login = base64.b64encode(f"{user}:{password}".encode()).decode()
    request = urllib.request.Request(f"{url}/api{path}", method=method,
                                     data=None if body is None else json.dumps(body).encode(),
                                     headers={"Authorization": f"Basic {login}", "Content-Type": "application/json"})
    try:
        answer = urllib.request.urlopen(request, timeout=60, context=context)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        octets = answer.read()
    return Answer(answer.status, json.loads(octets) if octets else None, answer.headers)
