"""One peer, answering the same requests as `percept benchmark --serve`: a JSON object per line on standard input,
`{"run": NAME}`, `{"run": NAME, "save": PATH.npy}` or `{"quit": true}`; a JSON line for each on standard output."""

import argparse
import json
import os
import sys
import time

import numpy as np


def torch_peer(run, directory, threads, channels_last):
    import torch

    import networks
    torch.set_num_threads(threads)
    torch.set_num_interop_threads(1)
    torch.set_float32_matmul_precision("highest")
    call = networks.torch_call(run, directory, channels_last)
    return lambda: call(), lambda output: output.numpy()


def session_inputs(run, directory, names):
    arrays = np.load(f"{directory}/{run}.inputs.npz")
    return {name: arrays[name] for name in names}


def onnxruntime_peer(run, directory, threads):
    import onnxruntime
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = threads
    settings.inter_op_num_threads = 1
    settings.log_severity_level = 3
    session = onnxruntime.InferenceSession(f"{directory}/{run}.onnx", settings, providers=["CPUExecutionProvider"])
    inputs = session_inputs(run, directory, [argument.name for argument in session.get_inputs()])
    return lambda: session.run(None, inputs)[0], lambda output: output


def openvino_peer(run, directory, threads):
    import openvino
    model = openvino.Core().compile_model(f"{directory}/{run}.onnx", "CPU", {
        "INFERENCE_PRECISION_HINT": "f32",  # bfloat16 is the default where the processor has it
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_NUM_THREADS": threads,
        "ENABLE_HYPER_THREADING": True,  # otherwise it may use fewer threads than asked for
    })
    request = model.create_infer_request()
    for name, array in session_inputs(run, directory, [port.any_name for port in model.inputs]).items():
        request.set_tensor(name, openvino.Tensor(array))

    def call():
        request.infer()
        return request.get_output_tensor().data
    return call, lambda output: output


def start(peer, run, directory, threads):
    if peer in ("torch", "torch_cl"):
        return torch_peer(run, directory, threads, peer == "torch_cl")
    return {"ort": onnxruntime_peer, "openvino": openvino_peer}[peer](run, directory, threads)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", required=True)
    parser.add_argument("--run", required=True)
    parser.add_argument("--directory", required=True)
    parser.add_argument("--threads", type=int, required=True)
    options = parser.parse_args()
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # libraries that print must not disturb the answers
    call, array = start(options.peer, options.run, options.directory, options.threads)
    for line in sys.stdin:
        request = json.loads(line)
        if request.get("quit"):
            break
        if request.get("run") != options.run:
            answer = {"error": f"this peer was started for the run {options.run}"}
        else:
            begin = time.perf_counter()
            output = call()
            answer = {"run": options.run, "seconds": time.perf_counter() - begin}
            if "save" in request:
                np.save(request["save"], np.ascontiguousarray(array(output), "<f4"))
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
