#!/usr/bin/python3
"""The same random sequences of AMQP operations on RabbitMQ and on Leveret: every answer, message and count compared.
Then the management API: http_shapes.py what is read, http_requests.py what is written or wrong, http_definitions.py
RabbitMQ's export as our import.

    compare.py --broker build/release/bin/leveret [--sequences N] [--seed FIRST] [--no-http | --no-amqp]

RabbitMQ is Debian's, started here on ports of its own. What differs and is not in docs/DIFFERENCES.md is printed with
the sequence that leads there; exit code 1 then. `--seed S --sequences 1` plays one sequence again. A sequence that
RabbitMQ answers differently when it is played again says nothing and is counted apart.
"""
import argparse
import concurrent.futures
import os
import sys
import time

FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(FOLDER, "..", "interop")]
import broker  # noqa: E402
import differences  # noqa: E402
import http_definitions  # noqa: E402
import http_requests  # noqa: E402
import http_shapes  # noqa: E402
import player  # noqa: E402
import rabbitmq  # noqa: E402
import sequences  # noqa: E402

REPEATS = 3  # of a sequence that differs, on both
AT_ONCE = 6  # sequences; each has names of its own, and mostly waits


def play(port, operations):
    return player.Player(port).play(operations)


def play_on_both(ports, operations):
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        return [each.result() for each in [pool.submit(play, port, operations) for port in ports]]


def first_difference(operations, theirs, ours):
    """(index, theirs, ours) of the first one that is not intended, or None; and the names of those that are."""
    applied = set()
    steps = operations + [("drain", {})]
    for index, (step, their, our) in enumerate(zip(steps, theirs, ours)):
        explained = differences.explain(step, their, our)
        if explained is None:
            return (index, their, our), applied
        applied.update(explained)
    return None, applied


def show(seed, operations, index, their, our):
    lines = [f"--- seed {seed} differs at step {index}:"]
    lines += [f"  {number:3} {name} {arguments}" for number, (name, arguments) in enumerate(operations[:index + 1])]
    lines += [f"  {key}:\n    RabbitMQ {their.get(key)}\n    Leveret  {our.get(key)}"
              for key in sorted(set(their) | set(our)) if their.get(key) != our.get(key)]
    print("\n".join(lines), flush=True)


def compare_sequence(ports, seed):
    """(differs, the differences applied); differs is None when RabbitMQ does not agree with itself."""
    operations = sequences.Sequence(seed).operations()
    theirs, ours = play_on_both(ports, operations)
    found, applied = first_difference(operations, theirs, ours)
    if found is None:
        return False, applied
    for _ in range(REPEATS):
        again, our_again = play_on_both(ports, operations)
        if first_difference(operations, again, our_again)[0] is None:
            return None, applied  # both ways happen
        if again[found[0]] != theirs[found[0]]:
            return None, applied
    show(seed, operations, *found)
    return True, applied


def compare_sequences(ports, first, count):
    differing, unclear, applied = [], [], set()
    start = time.monotonic()
    seeds = range(first, first + count)
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        for seed, (differs, used) in zip(seeds, pool.map(lambda seed: compare_sequence(ports, seed), seeds)):
            applied |= used
            if differs is None:
                unclear.append(seed)
            elif differs:
                differing.append(seed)
    print(f"{count} sequences from seed {first} in {time.monotonic() - start:.0f} s: {len(differing)} differ "
          f"{differing}, RabbitMQ does not always answer the same in {len(unclear)} {unclear}; intended differences "
          f"seen: {sorted(applied)}")
    return not differing


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--broker", required=True)
    parser.add_argument("--sequences", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-amqp", action="store_true")
    parser.add_argument("--no-http", action="store_true")
    arguments = parser.parse_args()
    if rabbitmq.program() is None:
        raise SystemExit("compare-rabbitmq needs Debian's package rabbitmq-server")
    reference, own = rabbitmq.RabbitMQ(), broker.Broker(arguments.broker)
    try:
        reference.start()
        own.start()
        good = arguments.no_amqp or compare_sequences((reference.ports["amqp"], own.ports["amqp"]), arguments.seed,
                                                      arguments.sequences)
        for part in () if arguments.no_http else (http_shapes, http_requests, http_definitions):
            good = part.compare(reference.ports, own.ports) and good
        return 0 if good else 1
    finally:
        own.remove()
        reference.remove()


if __name__ == "__main__":
    sys.exit(main())
