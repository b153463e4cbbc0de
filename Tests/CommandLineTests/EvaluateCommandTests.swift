import Foundation
import SharedMaterial
import TestSupport
import Testing
import Weights

@Suite("percept evaluate", .enabled(if: SharedMaterial.isPresent, "\(SharedMaterial.missing)"))
final class EvaluateCommandTests {
    private let folder: TemporaryFolder
    private let bundle: String
    private let data: String

    init() throws {
        folder = try TemporaryFolder()
        bundle = folder.path("tuned.percept")
        data = folder.path("pairs.npz")
        let checkpoint = try SharedMaterial.url("fixtures/ldm/finetuned.pth").path
        let result = try PerceptProcess.run([
            "import", "--finetuned", checkpoint, "--image-size", "32", "--out", bundle,
        ])
        #expect(result.status == 0, "\(result.error)")
        try NPZ.write(
            [part("fmri", "train", [6, 160]), part("fmri", "test", [3, 160]), part("image", "train", [6, 12, 12])]
                + [part("image", "test", [3, 12, 12])],
            to: data
        )
    }

    private func part(_ kind: String, _ name: String, _ shape: [Int]) -> (name: String, shape: [Int], elements: [Float])
    {
        let count = shape.reduce(1, *)
        let phase = name == "train" ? 0.4 : 0.9
        let values = (0..<count).map { Float(127 + 120 * sin(Double($0 * $0 % 977) * phase)) }
        return ("\(kind)_\(name)", shape, kind == "image" ? values.map { $0.rounded() } : values)
    }

    private func evaluate(_ options: [String]) throws -> PerceptProcess.Result {
        try PerceptProcess.run(["evaluate"] + options + ["--resamples", "100"])
    }

    @Test("decodes the test responses, and writes numbers and a report; one seed gives the same numbers")
    func decodes() throws {
        var numbers: [Data] = []
        for (name, threads) in [("a", "1"), ("b", "2")] {
            let result = try evaluate([
                bundle, "--data", "npz:\(data)", "--samples", "2", "--steps", "2", "--threads", threads, "--out",
                folder.path(name),
            ])
            #expect(result.status == 0, "\(result.error)")
            #expect(result.output.contains("Decoder, mean of 2 samples: pixel correlation"))
            for file in ["report.html", "contact-sheet-1.png"] {
                #expect(FileManager.default.fileExists(atPath: folder.path("\(name)/\(file)")))
            }
            let json = try Data(contentsOf: URL(fileURLWithPath: folder.path("\(name)/metrics.json")))
            let object = try #require(try JSONSerialization.jsonObject(with: json) as? [String: Any])
            let evaluation = try #require(object["evaluation"])
            numbers.append(try JSONSerialization.data(withJSONObject: evaluation, options: .sortedKeys))
        }
        #expect(numbers[0] == numbers[1])
        let text = String(decoding: numbers[0], as: UTF8.self)
        for method in ["decoder", "samples", "ridgePixels", "ridgeLatents", "nearest", "mean"] {
            #expect(text.contains("\"identifier\":\"\(method)\""))
        }
    }

    @Test("puts samplers and a student beside each other; each reaches what it reaches when it is evaluated alone")
    func samplers() throws {
        let options = [bundle, "--data", "npz:\(data)", "--samples", "2", "--sampler", "unipc", "--steps", "2"]
        let result = try evaluate(
            options + ["--compare-samplers", "plms:4,unipc:2,student:1", "--student", bundle]
                + ["--out", folder.path("compared"), "--json"]
        )
        #expect(result.status == 0, "\(result.error)")
        let report = try #require(
            try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
        )
        let rows = try #require(report["samplers"] as? [[String: Any]])
        #expect(rows.map { $0["sampler"] as? String } == ["plms", "unipc", "student"])
        #expect(rows.map { $0["steps"] as? Int } == [4, 2, 1])
        let evaluation = try #require(report["evaluation"] as? [String: Any])
        let alone = try #require((evaluation["methods"] as? [[String: Any]])?.first?["scores"] as? [NSDictionary])
        #expect(rows[1]["scores"] as? [NSDictionary] == alone)
        #expect(rows[0]["scores"] as? [NSDictionary] != alone)
        #expect(FileManager.default.fileExists(atPath: folder.path("compared/samplers.png")))
        let page = try String(contentsOfFile: folder.path("compared/report.html"), encoding: .utf8)
        #expect(page.contains("<h2>Quality against steps</h2>"))
        for (list, reason) in [("unipc", "no sampler with steps"), ("student:4", "needs the distilled decoder")] {
            let refused = try evaluate(options + ["--compare-samplers", list])
            #expect(refused.status == 64 && refused.error.contains(reason), "\(refused.error)")
        }
    }

    @Test("takes images made elsewhere, several samples of each by their names")
    func folders() throws {
        let patterns = folder.path("patterns.npy")
        try NPY.write((0..<320).map { Float(sin(Double($0))) }, shape: [2, 160], to: patterns)
        for (samples, name) in [("1", "originals"), ("2", "made")] {
            let out = folder.path(name)
            let result = try PerceptProcess.run([
                "decode", "--bundle", bundle, "--patterns", patterns, "--steps", "1", "--samples", samples, "--out",
                out,
            ])
            #expect(result.status == 0, "\(result.error)")
        }
        let seen = URL(fileURLWithPath: folder.path("originals"))
        for pattern in 0..<2 {
            let name = "pattern_0000\(pattern)"
            try FileManager.default.moveItem(
                at: seen.appendingPathComponent("\(name)_sample_000.png"),
                to: seen.appendingPathComponent("\(name).png")
            )
        }
        let folders = ["--reconstructions", folder.path("made"), "--originals", seen.path]
        let result = try evaluate(folders + ["--out", folder.path("report"), "--json"])
        #expect(result.status == 0, "\(result.error)")
        #expect(result.output.contains("\"title\" : \"Mean of 2 samples\""))
        // One reconstruction less is one too few.
        try FileManager.default.removeItem(atPath: folder.path("made/pattern_00001_sample_001.png"))
        let incomplete = try evaluate(folders)
        #expect(incomplete.status == 65)
        #expect(incomplete.error.contains("pattern_00001 has 1 reconstructions, pattern_00000 has 2"))
    }

    @Test("decodes every fold of a folder by its own decoder, and evaluates all items together")
    func folds() throws {
        for number in 1...3 {
            let fold = folder.path("folds/fold-\(number)")
            try FileManager.default.createDirectory(atPath: fold, withIntermediateDirectories: true)
            try FileManager.default.createSymbolicLink(atPath: fold + "/tuned.percept", withDestinationPath: bundle)
        }
        let options = ["--pairs", "npz:\(data)", "--samples", "1", "--steps", "1", "--json"]
        let result = try evaluate([folder.path("folds")] + options + ["--out", folder.path("folds-report")])
        #expect(result.status == 0, "\(result.error)")
        let report = try #require(
            try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
        )
        #expect((report["items"] as? [Any])?.count == 9)
        #expect(report["title"] as? String == "tuned, 3 folds of pairs")
        let students = try evaluate([folder.path("folds")] + options + ["--students"])
        #expect(students.status == 66)
        #expect(students.error.contains("fold-1: it holds 0 students"))
    }

    @Test("says what is wrong with what it is given")
    func mistakes() throws {
        #expect(try evaluate([bundle]).status == 64)
        #expect(try evaluate(["--originals", "x"]).status == 64)
        #expect(try evaluate([bundle, "--data", "npz:\(folder.path("none.npz"))"]).status == 66)
        let unknown = try evaluate([bundle, "--data", "csv:\(data)"])
        #expect(unknown.status == 64 && unknown.error.contains("csv"))
        let wide = folder.path("wide.npz")
        try NPZ.write(
            [part("fmri", "train", [6, 200]), part("fmri", "test", [3, 200]), part("image", "train", [6, 12, 12])]
                + [part("image", "test", [3, 12, 12])],
            to: wide
        )
        let result = try evaluate([bundle, "--data", "npz:\(wide)", "--out", folder.path("wide")])
        #expect(result.status == 65)
        #expect(result.error.contains("its patterns have 200 voxels, this decoder takes 160"))
    }
}
