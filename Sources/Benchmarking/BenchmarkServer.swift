import Foundation
import Tensors
import Weights

/// Answers requests to run a network on given weights and inputs, so that another program can compare engines in
/// alternating rounds.
///
/// A request is a JSON object on a line of standard input: `{"run":"unet"}`, with `"save":"PATH.npy"` to keep the output,
/// or `{"quit":true}`. The answer is a line of standard output: `{"run":"unet","seconds":0.31}` or `{"error":"…"}`.
public final class BenchmarkServer {
    private struct Request: Decodable {
        var run: String?
        var save: String?
        var quit: Bool?
    }

    private struct Answer: Encodable {
        var run: String?
        var seconds: Double?
        var error: String?
    }

    private let folder: String
    private var workloads: [String: any Workload] = [:]

    /// - Parameter folder: has `<network>.safetensors` and `<network>.inputs.npz`, read when first asked for.
    public init(folder: String) {
        self.folder = folder
    }

    /// Answers until told to quit or until the input ends.
    public func run() {
        while let line = readLine() {
            guard let request = try? JSONDecoder().decode(Request.self, from: Data(line.utf8)) else {
                reply(Answer(error: "a request is a JSON object such as {\"run\":\"unet\"}"))
                continue
            }
            if request.quit == true { return }
            do {
                reply(try answer(request))
            } catch {
                reply(Answer(error: String(describing: error)))
            }
        }
    }

    private func answer(_ request: Request) throws -> Answer {
        guard let name = request.run else { return Answer(error: "the request has neither run nor quit") }
        guard ServedWorkloads.names.contains(name) else {
            return Answer(error: "there is no run \(name); there are \(ServedWorkloads.names.joined(separator: ", "))")
        }
        let workload = try workloads[name] ?? ServedWorkloads.load(name, folder: folder)
        workloads[name] = workload
        let start = ContinuousClock.now
        let output = workload.run()
        let seconds = start.duration(to: .now) / .seconds(1)
        if let path = request.save { try NPY.write(output.elements, shape: output.shape, to: path) }
        return Answer(run: name, seconds: seconds)
    }

    private func reply(_ answer: Answer) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(answer) else { return }
        FileHandle.standardOutput.write(data + [10])
    }
}
