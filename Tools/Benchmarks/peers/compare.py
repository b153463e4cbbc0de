"""Compares `percept benchmark --serve` with PyTorch, ONNX Runtime and OpenVINO on the same weights and inputs."""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
RUNS = ["unet", "vq", "fmri", "unet_train", "mae_train", "crossmodal_train", "ldm_train"]
PEERS = ["torch", "torch_cl", "ort", "openvino"]
TOLERANCE = 1e-3
PAUSE = 0.2  # seconds between requests, so that the last engine's threads have stopped spinning


def peers_of(run, chosen):
    """ONNX Runtime and OpenVINO only infer; channels_last concerns networks with two-dimensional convolutions."""
    able = {"unet": PEERS, "vq": PEERS, "unet_train": ["torch", "torch_cl"], "ldm_train": ["torch", "torch_cl"],
            "fmri": ["torch", "ort", "openvino"], "mae_train": ["torch"], "crossmodal_train": ["torch"]}[run]
    return [peer for peer in chosen if peer in able]


class Side:
    """One engine in a process of its own, spoken to in JSON lines."""

    def __init__(self, name, command, environment=None):
        self.name = name
        self.times, self.processor_times = [], []
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env=environment)

    def request(self, **fields):
        """The seconds from request to answer, so the same clock times every side."""
        begin = time.perf_counter()
        print(json.dumps(fields), file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        seconds = time.perf_counter() - begin
        if not line:
            sys.exit(f"{self.name} ended without an answer (status {self.process.wait()})")
        answer = json.loads(line)
        if "error" in answer:
            sys.exit(f"{self.name}: {answer['error']}")
        return seconds

    def output(self, run):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "output.npy")
            self.request(run=run, save=path)
            return np.load(path).astype(np.float64)

    def measure(self, run):
        before = self.processor_seconds()
        self.times.append(self.request(run=run))
        self.processor_times.append(self.processor_seconds() - before)

    def processor_seconds(self):
        """User and system time of all threads so far: on a busy machine the steadier figure for one thread."""
        with open(f"/proc/{self.process.pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def peak_megabytes(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))

    def quit(self):
        self.process.stdin.close()  # end of input ends every server
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def start_sides(run, options):
    """Percept first, if there is one, then the peers."""
    sides = []
    if options.percept != "none":
        sides.append(Side("percept", [options.percept, "benchmark", "--serve", options.directory,
                                      "--threads", str(options.threads)]))
    environment = dict(os.environ, OMP_NUM_THREADS=str(options.threads), MKL_NUM_THREADS=str(options.threads))
    for peer in peers_of(run, options.peers):
        sides.append(Side(peer, [sys.executable, os.path.join(HERE, "serve.py"), "--peer", peer, "--run", run,
                                 "--directory", options.directory, "--threads", str(options.threads)], environment))
    return sides


def prepare(run, options):
    command = [sys.executable, os.path.join(HERE, "prepare.py"), "--run", run, "--directory", options.directory]
    if {"ort", "openvino"} & set(peers_of(run, options.peers)):
        command.append("--onnx")
    subprocess.run(command, check=True)


def warm_up(run, sides):
    """The first calls, and how far each output is from PyTorch's (or, without it, the last peer's).
    A training step is asked for twice: the second loss also depends on gradients and optimiser."""
    reference = next((side for side in sides if side.name == "torch"), sides[-1])
    calls = 2 if run.endswith("_train") else 1
    outputs = {side.name: [side.output(run) for _ in range(calls)] for side in sides}
    errors = {}
    for side in sides:
        if side is reference:
            continue
        pairs = list(zip(outputs[side.name], outputs[reference.name]))
        if any(a.size != b.size for a, b in pairs):
            sys.exit(f"{run}: {side.name} gives shape {pairs[0][0].shape}, {reference.name} {pairs[0][1].shape}")
        errors[side.name] = max(float(np.abs(a.ravel() - b.ravel()).max() / np.abs(b).max()) for a, b in pairs)
        print(f"{run:<16} {side.name:<9} differs from {reference.name} by {errors[side.name]:.2e} of the maximum")
    return errors


def time_rounds(run, sides, rounds):
    for index in range(rounds):
        shift = index % len(sides)
        for side in sides[shift:] + sides[:shift]:
            time.sleep(PAUSE)
            side.measure(run)


def ratio_to_fastest(sides):
    """(fastest peer by median, median over the rounds of its time divided by ours)."""
    ours = next((side for side in sides if side.name == "percept"), None)
    peers = [side for side in sides if side is not ours]
    if not peers:
        return None, None
    fastest = min(peers, key=lambda side: statistics.median(side.times))
    if ours is None:
        return fastest.name, None
    return fastest.name, statistics.median(theirs / mine for theirs, mine in zip(fastest.times, ours.times))


def report(run, sides, errors):
    fastest, ratio = ratio_to_fastest(sides)
    result = {"fastest_peer": fastest, "ratio": ratio, "sides": {}}
    for side in sides:
        median, processor = statistics.median(side.times), statistics.median(side.processor_times)
        peak = side.peak_megabytes()
        result["sides"][side.name] = {
            "median": median, "minimum": min(side.times), "times": side.times, "processor_median": processor,
            "peak_megabytes": peak, "error": errors.get(side.name)}
        print(f"{run:<16} {side.name:<9} median {median:8.3f} s   min {min(side.times):8.3f} s   "
              f"processor {processor:8.3f} s   {peak:6.0f} MB{' *' if side.name == fastest else ''}")
    if ratio:
        print(f"{run:<16} {fastest} takes {ratio:.2f} times as long as percept")
    return result


def compare(run, options):
    """The result of one run and whether all outputs agreed."""
    prepare(run, options)
    sides = start_sides(run, options)
    try:
        errors = warm_up(run, sides)
        time_rounds(run, sides, options.rounds)
        result = report(run, sides, errors)
    finally:
        for side in sides:
            side.quit()
    return result, all(error < TOLERANCE for error in errors.values())


def names(allowed):
    def parse(text):
        chosen = [name for name in text.split(",") if name]
        unknown = [name for name in chosen if name not in allowed]
        if unknown:
            raise argparse.ArgumentTypeError(f"unknown {', '.join(unknown)}; choose from {','.join(allowed)}")
        return chosen
    return parse


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--percept", default="none", help="path of the percept binary, or none to time the peers alone")
    parser.add_argument("--runs", type=names(RUNS), default=RUNS, help="comma-separated: " + ",".join(RUNS))
    parser.add_argument("--peers", type=names(PEERS), default=PEERS, help="comma-separated: " + ",".join(PEERS))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--directory", default=os.path.join(tempfile.gettempdir(), "percept-peers"),
                        help="where the weights, inputs and ONNX files are kept (6 GB)")
    parser.add_argument("--json", metavar="FILE", help="also write the results there")
    options = parser.parse_args()
    if options.rounds < 1 or options.threads < 1:
        parser.error("--rounds and --threads must be at least 1")
    results, agreed = {}, True
    for run in options.runs:
        results[run], run_agreed = compare(run, options)
        agreed = agreed and run_agreed
        if options.json:
            with open(options.json, "w") as file:
                json.dump({"threads": options.threads, "rounds": options.rounds, "runs": results}, file, indent=1)
    if not agreed:
        sys.exit(f"outputs differ by more than {TOLERANCE:g} of the maximum")


if __name__ == "__main__":
    main()
