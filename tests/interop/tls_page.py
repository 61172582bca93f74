#!/usr/bin/python3
"""The page at / over TLS: tests/e2e/secure.js on a broker with a certificate that was made a moment ago.

    tls_page.py BUILD_DIRECTORY --broker PATH/leveret
"""
import argparse
import os
import subprocess
import sys

import tls

HERE = os.path.dirname(os.path.abspath(__file__))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("build_directory")
    parser.add_argument("--broker", required=True)
    arguments = parser.parse_args()

    def page(world):
        address = {"MGMT_URL": f"https://localhost:{world.ports['https']}"}
        subprocess.run([os.path.join(HERE, "node_test.sh"), os.path.join(HERE, "..", "e2e"), arguments.build_directory,
                        "secure.js"], env={**os.environ, **address}, check=True, timeout=120)
    tls.run(arguments.broker, (page,))


if __name__ == "__main__":
    sys.exit(main())
