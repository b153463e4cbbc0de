import Decoder
import Digests
import Evaluation
import Foundation
import Images
import Tensors
import Weights

/// Reconstructions and originals in two folders, paired by name.
struct EvaluationFolders {
    let reconstructions: String
    let originals: String

    func subject() throws -> EvaluationSubject {
        let names = try Self.names(in: originals)
        guard names.count >= 2 else {
            throw CommandFailure(.badData, "\(originals): it has \(names.count) PNG images; at least 2 are needed")
        }
        let files = try Self.names(in: reconstructions)
        let groups = names.map { name in files.filter { Self.belongs($0, to: name) } }
        let missing = zip(names, groups).filter { $0.1.isEmpty }.map(\.0)
        guard missing.isEmpty else {
            let more = missing.count > 3 ? " and \(missing.count - 3) more" : ""
            throw CommandFailure(
                .badData,
                "\(reconstructions): there is no reconstruction of \(missing.prefix(3).joined(separator: ", "))\(more)"
            )
        }
        let samples = groups[0].count
        if let odd = groups.firstIndex(where: { $0.count != samples }) {
            throw CommandFailure(
                .badData,
                "\(reconstructions): \(names[odd]) has \(groups[odd].count) reconstructions, \(names[0]) has \(samples)"
            )
        }
        let seen = try names.map { try PNG.read(URL(fileURLWithPath: originals).appendingPathComponent($0 + ".png")) }
        if let odd = seen.firstIndex(where: { $0.height != seen[0].height || $0.width != seen[0].width }) {
            throw CommandFailure(
                .badData,
                "\(originals): \(names[odd]) has \(seen[odd].width)×\(seen[odd].height) pixels, \(names[0]) "
                    + "\(seen[0].width)×\(seen[0].height); give images of one size"
            )
        }
        var isResized = false
        let images = try (0..<samples).map { sample in
            try groups.map { files in
                let image = try PNG.read(
                    URL(fileURLWithPath: reconstructions).appendingPathComponent(files[sample] + ".png")
                )
                guard image.height != seen[0].height || image.width != seen[0].width else { return FloatImage(image) }
                isResized = true
                return FloatImage(image.resized(height: seen[0].height, width: seen[0].width, filter: .bicubic))
            }
        }
        return EvaluationSubject(
            title: "\(URL(fileURLWithPath: reconstructions).lastPathComponent), images made elsewhere",
            items: EvaluationItems(names: names, originals: seen),
            methods: Self.methods(images),
            statements: statements(names.count, samples),
            notes: isResized ? ["Reconstructions were resized to the originals' size (bicubic)."] : [],
            provenance: [try provenance(names, groups)]
        )
    }

    private static func methods(_ images: [[FloatImage]]) -> [Reconstructions] {
        let single = Reconstructions(
            identifier: "samples",
            title: images.count > 1 ? "Single samples" : "Reconstructions",
            isSubject: true,
            samples: images
        )
        guard images.count > 1 else { return [single] }
        let title = "Mean of \(images.count) samples"
        return [Reconstructions(identifier: "mean", title: title, isSubject: true, samples: [single.means]), single]
    }

    private func statements(_ count: Int, _ samples: Int) -> [String] {
        [
            "\(count) originals and \(samples == 1 ? "a reconstruction" : "\(samples) reconstructions") of each, which "
                + "were made elsewhere: what they rest on is not known here.",
            "There are no baselines, since these need the responses.",
        ]
    }

    /// One digest over the digests of all files, which the names say in order.
    private func provenance(_ names: [String], _ groups: [[String]]) throws -> EvaluationReport.Section {
        func digest(_ folder: String, _ names: [String]) throws -> String {
            let lines = try names.map { name in
                let file = URL(fileURLWithPath: folder).appendingPathComponent(name + ".png")
                return "\(try SHA256.hexDigest(of: file))  \(name).png\n"
            }
            return SHA256.hexDigest(of: lines.joined().utf8)
        }
        return .init(
            title: "Images",
            [
                ("Originals", "\(names.count) files, SHA-256 of their list \(try digest(originals, names))"),
                (
                    "Reconstructions",
                    "\(groups.joined().count) files, SHA-256 of their list "
                        + (try digest(reconstructions, groups.flatMap { $0 }))
                ),
            ]
        )
    }

    /// The names of the PNG files in a folder, without their ending, sorted.
    private static func names(in folder: String) throws -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: folder)
                .filter { $0.hasSuffix(".png") && !$0.hasPrefix(".") }.map { String($0.dropLast(4)) }.sorted()
        } catch {
            throw CommandFailure(.noInput, "\(folder): the folder cannot be read")
        }
    }

    /// Whether a file is a reconstruction of an original: of its name, or a numbered sample of it.
    static func belongs(_ file: String, to name: String) -> Bool {
        guard file != name else { return true }
        guard file.hasPrefix(name + "_sample_") else { return false }
        return !file.dropFirst(name.count + "_sample_".count).isEmpty
            && file.dropFirst(name.count + "_sample_".count).allSatisfy(\.isNumber)
    }
}

/// Features that a network made elsewhere.
enum EvaluationFeatures {
    /// The Fréchet distance between two files of features.
    static func distance(_ first: String, _ second: String) throws -> Double {
        let (a, b) = (try features(first), try features(second))
        guard a.shape[1] == b.shape[1] else {
            throw CommandFailure(
                .badData,
                "\(first) has \(a.shape[1]) features, \(second) has \(b.shape[1]); both need the same network"
            )
        }
        guard let distance = FrechetDistance.between(a, b) else {
            throw CommandFailure(.badData, "\(first), \(second): some features are not finite numbers")
        }
        return distance
    }

    private static func features(_ path: String) throws -> Tensor {
        let array = try NPY.read(path: path)
        guard array.shape.count == 2, array.shape[0] >= 2, (1...8192).contains(array.shape[1]) else {
            throw CommandFailure(
                .badData,
                "\(path): it has shape \(array.shape); features are [n, d] with at least 2 rows and at most 8192 columns"
            )
        }
        return Tensor(array)
    }
}
