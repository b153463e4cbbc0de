import ArgumentParser
import Decoder
import Evaluation
import Foundation

/// A sampler with a number of steps, written `unipc:8`; `student:4` is the distilled model.
struct SamplerChoice: ExpressibleByArgument, Equatable {
    /// The sampler; nil for the student, which has its own.
    let method: SamplerMethod?
    let steps: Int

    init(_ method: SamplerMethod?, _ steps: Int) { (self.method, self.steps) = (method, steps) }

    init?(argument: String) {
        let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let steps = Int(parts[1]), (1...1000).contains(steps) else { return nil }
        if parts[0] == "student" {
            self.init(nil, steps)
        } else if let method = SamplerMethod(rawValue: String(parts[0])), method != .consistency {
            self.init(method, steps)
        } else {
            return nil
        }
    }

    /// What tables call the sampler.
    var name: String { method?.rawValue ?? "student" }

    /// Every sampler at every number of steps that says something, beginning with 250 steps of PLMS, which the published
    /// decoders take; the student's at few.
    static func all(withStudent: Bool) -> [SamplerChoice] {
        let methods = [SamplerMethod.plms, .ddim, .dpm, .unipc]
        return [SamplerChoice(.plms, 250)] + (withStudent ? [1, 2, 4].map { SamplerChoice(nil, $0) } : [])
            + methods.flatMap { method in [1, 2, 4, 8, 20, 50].map { SamplerChoice(method, $0) } }
    }
}

/// Compares samplers, numbers of steps and a student on the items of an evaluation.
struct SamplerComparison {
    let choices: [SamplerChoice]
    /// The student's bundle.
    let student: URL?

    /// - Parameters:
    ///   - text: `all`, or samplers with steps, separated by commas.
    ///   - student: The student's bundle, if there is one.
    init(_ text: String, student: String?) throws {
        self.student = student.map { URL(fileURLWithPath: $0) }
        if text == "all" {
            choices = SamplerChoice.all(withStudent: student != nil)
        } else {
            choices = try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
                guard let choice = SamplerChoice(argument: String(part)) else {
                    throw ValidationError(
                        "--compare-samplers: \(part) is no sampler with steps; write for instance unipc:8 or student:4."
                    )
                }
                return choice
            }
        }
        guard student != nil || choices.allSatisfy({ $0.method != nil }) else {
            throw ValidationError("--compare-samplers: student:N needs the distilled decoder (--student).")
        }
    }

    /// The scores of every choice, in order.
    func scores(of decoding: EvaluationDecoding, items: EvaluationItems, options: Evaluator.Options) throws
        -> [SamplerScores]
    {
        let evaluator = Evaluator(items: items, options: options)
        let distilled = try student.map { try decoding.with(bundles: [DecoderBundle(opening: $0)]) }
        return try choices.map { choice in
            let chosen = choice.method == nil ? distilled ?? decoding : decoding
            let start = ContinuousClock.now
            let samples = try chosen.with(method: choice.method ?? .consistency, steps: choice.steps).samples(
                label: "\(choice.name), \(choice.steps) steps"
            )
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            let all = Reconstructions(identifier: "decoder", title: choice.name, isSubject: true, samples: samples)
            let mean = Reconstructions(
                identifier: "decoder",
                title: choice.name,
                isSubject: true,
                samples: [all.means]
            )
            return SamplerScores(
                sampler: choice.name,
                steps: choice.steps,
                secondsPerImage: seconds / Double(items.count * samples.count),
                scores: try evaluator.evaluate([mean]).methods.first?.scores ?? []
            )
        }
    }
}
