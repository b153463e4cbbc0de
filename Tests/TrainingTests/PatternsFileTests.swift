import Foundation
import HDF5
import Images
import Testing
import Training

@Suite("Files of patterns")
struct PatternsFileTests {
    private let folder: TemporaryFolder
    private var url: URL { folder.url.appendingPathComponent("own.h5") }

    init() throws { folder = try TemporaryFolder() }

    private static func image(_ grey: UInt8) -> Image8 { Image8(height: 2, width: 3, colour: (grey, 0, 1)) }

    private static func stimuli(_ greys: [UInt8], classes: [Int] = []) -> StimulusSet {
        StimulusSet(
            images: greys.map(image),
            names: greys.map { "image \($0)" },
            classes: classes,
            classNames: classes.isEmpty ? [] : ["cat", "dog"]
        )
    }

    private static func dataset(withClasses: Bool = true) -> PairedDataset {
        PairedDataset(
            name: "own",
            training: StimulusResponses(
                responses: ResponseMatrix(rows: 3, columns: 2, values: [1, 2, 3, 4, 5, 6]),
                imageIndices: [0, 1, 0],
                stimuli: stimuli([10, 20], classes: withClasses ? [1, 0] : [])
            ),
            test: StimulusResponses(
                responses: ResponseMatrix(rows: 2, columns: 2, values: [7, 8, 9, 10]),
                imageIndices: [0, 0],
                isSingleTrial: [false, true],
                stimuli: stimuli([30], classes: withClasses ? [1] : [])
            )
        )
    }

    @Test("A data set is read as it was written", arguments: [true, false])
    func roundTrip(withClasses: Bool) throws {
        let data = Self.dataset(withClasses: withClasses)
        try PatternsFile.write(data, to: url)
        let read = try PatternsFile.read(url)
        #expect(read.name == data.name)
        for (part, original) in [(read.training, data.training), (read.test, data.test)] {
            #expect(part.responses == original.responses && part.isSingleTrial == original.isSingleTrial)
            #expect(part.imageIndices == original.imageIndices && part.stimuli.images == original.stimuli.images)
            #expect(part.stimuli.names == original.stimuli.names && part.stimuli.classes == original.stimuli.classes)
            #expect(part.stimuli.classNames == original.stimuli.classNames)
        }
    }

    @Test("Images of several sizes cannot be stored")
    func sizes() {
        let one = Self.dataset()
        let stimuli = StimulusSet(images: [Image8(height: 1, width: 1)], names: ["small"])
        let test = StimulusResponses(
            responses: ResponseMatrix(rows: 1, columns: 2, values: [0, 0]),
            imageIndices: [0],
            stimuli: stimuli
        )
        let data = PairedDataset(name: "sizes", training: one.training, test: test)
        #expect(throws: DatasetError.self) { try PatternsFile.write(data, to: url) }
        #expect(!FileManager.default.fileExists(atPath: url.path))
    }

    /// A file of four rows, of which one thing is otherwise.
    private func write(
        patterns: ([Float], [Int])? = ([1, 2, 3, 4, 5, 6, 7, 8], [4, 2]),
        split: [UInt8]? = [0, 1, 0, 0],
        images: Bool = true,
        names: [String]? = nil,
        index: [Int64]? = nil,
        labels: [Int64]? = nil,
        labelNames: [String]? = nil
    ) throws -> URL {
        try HDF5Writer.write(to: url) { (file) throws(HDF5Error) in
            if let patterns { try file.add("patterns", patterns.0, shape: patterns.1) }
            if let split { try file.add("split", split, shape: [split.count]) }
            if images { try file.add("images", (0..<48).map { UInt8($0) }, shape: [4, 2, 2, 3]) }
            if let names { try file.add("image_names", names) }
            if let index { try file.add("image_index", index, shape: [index.count]) }
            if let labels { try file.add("labels", labels, shape: [labels.count]) }
            if let labelNames { try file.add("label_names", labelNames) }
        }
        return url
    }

    @Test("The smallest file has patterns, a split and an image for each row")
    func smallest() throws {
        let data = try PatternsFile.read(write())
        #expect(data.training.responses.values == [1, 2, 5, 6, 7, 8] && data.test.responses.values == [3, 4])
        #expect(
            data.training.image(ofRow: 1).bytes == Array(24..<36) && data.test.image(ofRow: 0).bytes == Array(12..<24)
        )
        #expect(data.training.stimuli.names == ["images[0]", "images[2]", "images[3]"])
        #expect(data.training.stimuli.classes.isEmpty)
    }

    @Test("Images may be in a folder, several rows may show one, and labels have names")
    func namedImages() throws {
        try folder.writeImage("stimuli/a.png", grey: 1)
        try folder.writeImage("stimuli/deep/b.png", grey: 2)
        let file = try write(
            images: false,
            names: ["a.png", "deep/b.png"],
            index: [0, 1, 1, 0],
            labels: [1, 0, 0, 1],
            labelNames: ["x", "y"]
        )
        let data = try PatternsFile.read(file, images: folder.url.appendingPathComponent("stimuli"))
        #expect(data.training.imageIndices == [0, 1, 0] && data.training.stimuli.names == ["a.png", "deep/b.png"])
        #expect((0..<3).map { data.training.imageClass(ofRow: $0) } == [1, 0, 1])
        #expect(data.test.image(ofRow: 0).bytes[0] == 2 && data.test.stimuli.classNames == ["x", "y"])
    }

    @Test("Whatever does not fit is an error that names it")
    func inconsistencies() throws {
        let files: [(() throws -> URL, String)] = [
            ({ try write(patterns: nil) }, "patterns"), ({ try write(split: nil) }, "split"),
            ({ try write(patterns: ([1, 2], [2])) }, "patterns"), ({ try write(patterns: ([], [4, 0])) }, "voxels"),
            ({ try write(patterns: ([1, 2, 3, 4, 5, .nan, 7, 8], [4, 2])) }, "row 2, column 1"),
            ({ try write(split: [0, 1, 0]) }, "split"), ({ try write(split: [0, 1, 2, 0]) }, "row 2 is 2"),
            ({ try write(split: [1, 1, 1, 1]) }, "split 0"), ({ try write(images: false) }, "images"),
            ({ try write(images: false, names: ["a", "b", "c", "d"]) }, "folder"),
            ({ try write(names: ["a"]) }, "images"), ({ try write(index: [0, 1, 2, 4]) }, "image_index of row 3 is 4"),
            ({ try write(index: [0, -1, 2, 3]) }, "image_index"),
            ({ try write(patterns: ([1, 2], [2, 1]), split: [0, 0]) }, "no image_index"),
            ({ try write(labels: [0, 1, 0]) }, "labels"),
            ({ try write(labels: [0, 1, 2, 0], labelNames: ["x", "y"]) }, "row 2 is 2"),
            ({ try write(index: [0, 1, 0, 0], labels: [0, 0, 1, 0]) }, "another label"),
        ]
        for (index, (make, mention)) in files.enumerated() {
            #expect("file \(index)") {
                try PatternsFile.read(make())
            } throws: { error in
                "\(error)".contains(mention)
            }
        }
    }

    @Test(
        "A name leads nowhere outside of the folder of images",
        arguments: ["../secret.png", "/etc/passwd", "", "a/../../b"]
    )
    func escaping(name: String) throws {
        try folder.writeImage("secret.png")
        try folder.writeImage("stimuli/a.png")
        let file = try write(images: false, names: ["a.png", "a.png", "a.png", name])
        #expect {
            try PatternsFile.read(file, images: folder.url.appendingPathComponent("stimuli"))
        } throws: { error in
            (error as? DatasetError)?.code == .malformed
        }
    }
}
