#!/usr/bin/python3
"""testssl.sh (Debian package testssl.sh) against the TLS listeners of AMQP and of the management API: no finding above
LOW. testssl.py --broker PATH/leveret; takes some minutes.
"""
import json
import os
import re
import shutil
import ssl
import subprocess
import sys
import tempfile
import urllib.request

from flooded import arguments, flooded  # first: it finds tests/interop
from checks import check, limit, run_tests
from tls import Authority

OPTIONS = arguments()
LISTENING = re.compile(r"listening on 127\.0\.0\.1:(\d+) \((amqp/ssl|https)\)")
# What the certificate of a test cannot have: an authority that the world knows, revocation lists, a public log.
OF_THE_CERTIFICATE = {"cert_crlDistributionPoints", "cert_ocspURL", "cert_revocation", "DNS_CAArecord",
                      "cert_mustStapleExtension", "OCSP_stapling", "certificate_transparency"}
# It looks at / only: a file that is the same for everybody. What tells secrets is asked for below.
OF_THE_PAGE = {"BREACH"}
BELOW = ("OK", "INFO", "LOW", "DEBUG", "WARN")


def findings(authority, port, directory):
    """Everything above LOW."""
    report = os.path.join(directory, f"{port}.json")
    subprocess.run(["testssl", "--quiet", "--color", "0", "--warnings", "off", "--ip", "127.0.0.1", "--add-ca",
                    authority.path("ca.pem"), "--openssl-timeout", "10", "--jsonfile", report, f"localhost:{port}"],
                   check=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with open(report, encoding="utf-8") as file:
        entries = json.load(file)
    check("testssl looked at it", len(entries) > 50, len(entries))
    return [f"{entry['severity']} {entry['id']}: {entry['finding']}" for entry in entries
            if entry["severity"] not in BELOW and entry["id"].split()[0] not in OF_THE_CERTIFICATE | OF_THE_PAGE]


def encoding_of_overview(authority, port):
    request = urllib.request.Request(f"https://localhost:{port}/api/overview", headers={
        "Authorization": "Basic Z3Vlc3Q6Z3Vlc3Q=", "Accept-Encoding": "gzip"})
    context = ssl.create_default_context(cafile=authority.path("ca.pem"))
    with urllib.request.urlopen(request, timeout=10, context=context) as answer:
        encoding = answer.headers["Content-Encoding"]
        check("the answer is long enough to be compressed", encoding or len(answer.read()) > 1400)
        return encoding


@limit(1800)
def test_no_finding_above_low():
    if not shutil.which("testssl"):
        sys.exit("FAILED: testssl is missing (Debian package testssl.sh)")
    with tempfile.TemporaryDirectory() as directory:
        authority = Authority(os.path.join(directory, "ca"))
        certificate, key = authority.sign("server", "/CN=localhost", "DNS:localhost,IP:127.0.0.1")
        own = [f"{name}.{what}" for name in ("ssl_options", "management.ssl") for what in (
            f"certfile={certificate}", f"keyfile={key}", f"cacertfile={authority.path('ca.pem')}")]
        settings = ["listeners.ssl.default=127.0.0.1:0", "management.ssl.port=0", "management.ssl.ip=127.0.0.1", *own]
        with flooded(OPTIONS.broker, settings) as running:
            ports = {protocol: int(port) for port, protocol in LISTENING.findall(running.log())}
            found = {protocol: findings(authority, port, directory) for protocol, port in sorted(ports.items())}
            for protocol, each in found.items():
                print(f"       {protocol}: {len(each)} findings above LOW", *each, sep="\n         ", flush=True)
            check("an answer of the API is not compressed", encoding_of_overview(authority, ports["https"]) is None)
            check("no finding above LOW", len(found) == 2 and not any(found.values()), found)


if __name__ == "__main__":
    run_tests(globals(), OPTIONS.tests)
