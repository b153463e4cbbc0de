import Foundation
import SharedMaterial
import Testing
import Weights

@Suite("percept import and decode", .enabled(if: SharedMaterial.isPresent, "\(SharedMaterial.missing)"))
final class DecodeCommandTests {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    let bundle: String

    init() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        bundle = folder.appendingPathComponent("tuned.percept").path
        let checkpoint = try SharedMaterial.url("fixtures/ldm/finetuned.pth").path
        let result = try PerceptProcess.run([
            "import", "--finetuned", checkpoint, "--image-size", "32", "--out", bundle,
        ])
        #expect(result.status == 0)
        #expect(result.output.contains("conditioning on fMRI: 160 voxels"))
        #expect(result.error.contains("attention heads; assumed 16"))
    }

    deinit {
        try? FileManager.default.removeItem(at: folder)
    }

    /// A file of patterns.
    func patterns(_ name: String = "patterns.npy", shape: [Int] = [2, 160], value: (Int) -> Float) throws -> String {
        let path = folder.appendingPathComponent(name).path
        try NPY.write((0..<shape.reduce(1, *)).map(value), shape: shape, to: path)
        return path
    }

    static func smooth(_ index: Int) -> Float { Float(sin(Double(index) * 0.37)) }

    func decode(_ patterns: String, _ options: [String], to name: String) throws -> PerceptProcess.Result {
        let out = folder.appendingPathComponent(name).path
        return try PerceptProcess.run(
            ["decode", "--bundle", bundle, "--patterns", patterns, "--steps", "3", "--out", out] + options
        )
    }

    func images(_ name: String) throws -> [String: Data] {
        let out = folder.appendingPathComponent(name)
        var images: [String: Data] = [:]
        for file in try FileManager.default.contentsOfDirectory(atPath: out.path) where file.hasSuffix(".png") {
            images[file] = try Data(contentsOf: out.appendingPathComponent(file))
        }
        return images
    }

    @Test("one seed gives the same bytes on 1 and 2 threads, with packed weights of an earlier run and without")
    func reproducible() throws {
        let file = try patterns(value: Self.smooth)
        for (name, threads) in [("a", "1"), ("b", "1"), ("c", "2"), ("d", "2")] {
            let result = try decode(file, ["--seed", "7", "--samples", "2", "--threads", threads], to: name)
            #expect(result.status == 0, "\(result.error)")
        }
        let first = try images("a")
        #expect(first.count == 4)
        for name in ["b", "c", "d"] { #expect(try images(name) == first) }
        _ = try decode(file, ["--seed", "8", "--samples", "2"], to: "e")
        #expect(try images("e") != first)
    }

    @Test("an image does not depend on how many others are made", arguments: ["ddim", "plms", "dpm", "unipc"])
    func independentImages(sampler: String) throws {
        let file = try patterns(value: Self.smooth)
        let one = try decode(file, ["--sampler", sampler], to: "one")
        #expect(one.status == 0, "\(one.error)")
        let two = try decode(file, ["--sampler", sampler, "--samples", "2", "--previews", "2"], to: "two")
        #expect(two.status == 0, "\(two.error)")
        let (few, many) = (try images("one"), try images("two"))
        for (name, data) in few { #expect(many[name] == data) }
        #expect(many.keys.contains { $0.hasSuffix("_step_0002.png") })
    }

    @Test("decode.json tells what the images were made of")
    func record() throws {
        let file = try patterns(shape: [1, 1, 160], value: Self.smooth)
        #expect(try decode(file, ["--sampler", "dpm", "--spacing", "trailing", "--seed", "3"], to: "out").status == 0)
        let url = folder.appendingPathComponent("out/decode.json")
        let object = try JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? [String: Any]
        let sampling = try #require(object?["sampling"] as? [String: Any])
        #expect(sampling["method"] as? String == "dpm")
        #expect(sampling["spacing"] as? String == "trailing")
        #expect(sampling["seed"] as? Int == 3)
        #expect((sampling["timesteps"] as? [Int])?.count == 3)
        let described = try #require(object?["bundle"] as? [String: Any])
        #expect((described["weightsHash"] as? String)?.count == 64)
        let images = try #require(object?["images"] as? [[String: Any]])
        #expect(images.count == 1)
        #expect(images[0]["file"] as? String == "pattern_00000_sample_000.png")
        #expect((images[0]["samplingSeconds"] as? Double ?? 0) > 0)
    }

    @Test("patterns of another width are refused with both numbers, others with what is wrong")
    func wrongPatterns() throws {
        let narrow = try decode(try patterns(shape: [2, 144], value: Self.smooth), [], to: "out")
        #expect(narrow.status == 65)
        #expect(narrow.error.contains("its patterns have 144 voxels, this decoder takes 160"))
        let deep = try decode(try patterns(shape: [1, 2, 160], value: Self.smooth), [], to: "out")
        #expect(deep.status == 65)
        #expect(deep.error.contains("[1, 2, 160]"))
        let infinite = try decode(try patterns { $0 == 200 ? .infinity : 0 }, [], to: "out")
        #expect(infinite.status == 65)
        #expect(infinite.error.contains("pattern 1 has a voxel that is not a finite number"))
        let absent = try decode(folder.appendingPathComponent("none.npz").path, [], to: "out")
        #expect(absent.status == 66)
        for result in [narrow, deep, infinite, absent] { #expect(result.error.split(separator: "\n").count == 1) }
    }

    @Test("a bundle is not replaced unasked, and damage is found by --verify")
    func bundleSafety() throws {
        let checkpoint = try SharedMaterial.url("fixtures/ldm/finetuned.pth").path
        let again = try PerceptProcess.run(["import", "--finetuned", checkpoint, "--out", bundle])
        #expect(again.status == 73)
        #expect(again.error.contains("already something of this name"))
        #expect(try PerceptProcess.run(["inspect", "--verify", bundle]).status == 0)
        let file = URL(fileURLWithPath: bundle).appendingPathComponent("conditioning.safetensors")
        var bytes = try Data(contentsOf: file)
        bytes[bytes.count - 5] ^= 1
        try bytes.write(to: file)
        let damaged = try PerceptProcess.run(["inspect", "--verify", bundle])
        #expect(damaged.status == 65)
        #expect(damaged.error.contains("conditioning.safetensors"))
    }

    @Test(
        "wrong options are usage errors",
        arguments: [
            ["import", "--out", "x"], ["import", "--encoder", "e", "--out", "x"],
            ["import", "--finetuned", "f", "--encoder", "e", "--label-to-image", "m", "--out", "x"],
            ["decode", "--bundle", "b", "--patterns", "p", "--out", "o", "--steps", "0"],
            ["decode", "--bundle", "b", "--patterns", "p", "--out", "o", "--sampler", "euler"],
            ["decode", "--bundle", "b", "--patterns", "p", "--out", "o", "--sampler", "plms", "--eta", "1"],
        ]
    )
    func usage(arguments: [String]) throws {
        #expect(try PerceptProcess.run(arguments).status == 64)
    }
}
