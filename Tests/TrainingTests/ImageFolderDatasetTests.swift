import Foundation
import Images
import SharedMaterial
import Testing
import Training

@Suite("Folders of images")
struct ImageFolderDatasetTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test("Subfolders are classes, sorted, and names are paths")
    func classes() throws {
        try folder.writeImage("zebra/2.png", grey: 3)
        try folder.writeImage("ant/deeper/1.png", grey: 1)
        try folder.writeImage("ant/0.png", grey: 2)
        let stimuli = try ImageFolderDataset(contentsOf: folder.url).stimuli
        #expect(stimuli.names == ["ant/0.png", "ant/deeper/1.png", "zebra/2.png"])
        #expect(stimuli.classNames == ["ant", "zebra"] && stimuli.classes == [0, 0, 1])
        #expect(stimuli.images.map { $0.bytes[0] } == [2, 1, 3])
    }

    @Test("Images in the folder itself have no classes")
    func flat() throws {
        try folder.writeImage("b.png")
        try folder.writeImage("a.png")
        let stimuli = try ImageFolderDataset(contentsOf: folder.url).stimuli
        #expect(stimuli.names == ["a.png", "b.png"] && stimuli.classes.isEmpty && stimuli.classNames.isEmpty)
    }

    @Test("Images become squares: the shorter side resampled, the middle cut out")
    func squares() throws {
        try folder.writeImage("a/wide.png", height: 4, width: 12)
        try folder.writeImage("a/high.png", height: 9, width: 5)
        var options = ImageFolderDataset.Options()
        options.side = 8
        let stimuli = try ImageFolderDataset(contentsOf: folder.url, options: options).stimuli
        #expect(stimuli.images.allSatisfy { $0 == Image8(height: 8, width: 8, colour: (100, 100, 100)) })
    }

    @Test("What is no image is listed, not passed over")
    func ignored() throws {
        try folder.writeImage("a/1.png")
        try folder.write(Array("read me".utf8), to: "a/README")
        try folder.write([], to: ".hidden")
        let ignored = try ImageFolderDataset(contentsOf: folder.url).ignored
        #expect(ignored.map(\.path) == [".hidden", "a/README"])
        #expect(ignored.allSatisfy { $0.reason.contains("neither a PNG nor a JPEG") })
    }

    @Test("A damaged image, and a file that is only called an image, are errors")
    func damaged() throws {
        try folder.writeImage("a/1.png")
        let good = try Data(contentsOf: folder.url.appendingPathComponent("a/1.png"))
        for (path, content) in [("a/2.png", good.prefix(40)), ("a/2.jpg", Data("text".utf8)), ("a/2.jpeg", Data())] {
            let file = try folder.write(content, to: path)
            #expect {
                try ImageFolderDataset(contentsOf: folder.url)
            } throws: { error in
                error is ImageError && "\(error)".contains(path)
            }
            try FileManager.default.removeItem(at: file)
        }
    }

    @Test("Links are followed, but not in circles")
    func links() throws {
        try folder.writeImage("a/1.png")
        let other = try TemporaryFolder()
        try other.writeImage("2.png")
        let manager = FileManager.default
        let link = { (path: String, target: String) in
            let path = folder.url.appendingPathComponent(path).path
            try manager.createSymbolicLink(atPath: path, withDestinationPath: target)
        }
        try link("a/round", folder.url.path)
        try link("a/self", "self")
        try link("b", other.url.path)
        let dataset = try ImageFolderDataset(contentsOf: folder.url)
        #expect(dataset.stimuli.names == ["a/1.png", "b/2.png"] && dataset.stimuli.classNames == ["a", "b"])
        #expect(Set(dataset.ignored.map(\.path)) == ["a/round", "a/self"])
    }

    @Test("No images, classes without images, and images beside classes are errors that say what to do")
    func layouts() throws {
        #expect(throws: DatasetError.self) { try ImageFolderDataset(contentsOf: folder.url) }
        try folder.writeImage("a/1.png")
        try folder.write(Array("nothing".utf8), to: "b/notes.txt")
        #expect {
            try ImageFolderDataset(contentsOf: folder.url)
        } throws: { error in
            (error as? DatasetError)?.subject.hasSuffix("/b") == true
        }
        try folder.writeImage("b/1.png")
        try folder.writeImage("loose.png")
        #expect {
            try ImageFolderDataset(contentsOf: folder.url)
        } throws: { error in
            "\(error)".contains("loose.png")
        }
        #expect(throws: DatasetError.self) {
            try ImageFolderDataset(contentsOf: folder.url.appendingPathComponent("nowhere"))
        }
    }

    @Test("Memory is limited, and so is what resampling a strip would take")
    func limits() throws {
        try folder.writeImage("strip.png", height: 1, width: 2000)
        var options = ImageFolderDataset.Options()
        options.memoryLimit = 5999
        #expect(throws: DatasetError.self) { try ImageFolderDataset(contentsOf: folder.url, options: options) }
        options.memoryLimit = 6000
        #expect(try ImageFolderDataset(contentsOf: folder.url, options: options).stimuli.images.count == 1)
        options.side = 256
        #expect(throws: ImageError.self) { try ImageFolderDataset(contentsOf: folder.url, options: options) }
        options = ImageFolderDataset.Options()
        options.pixelLimit = 1999
        #expect(throws: ImageError.self) { try ImageFolderDataset(contentsOf: folder.url, options: options) }
    }

    @Test("Photographs of clothes have their ten classes", .enabled(if: SharedMaterial.isPresent))
    func clothes() throws {
        let dataset = try ImageFolderDataset(contentsOf: SharedMaterial.url("data/clothing-small/test"))
        #expect(dataset.stimuli.images.count == 84 && dataset.stimuli.classNames.count == 10)
        #expect(dataset.ignored.isEmpty)
    }
}
