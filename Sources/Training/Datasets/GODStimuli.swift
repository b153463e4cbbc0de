import Foundation
import Images
import Weights

/// The images of Generic Object Decoding with their categories.
struct GODStimuli {
    let training: StimulusSet
    let test: StimulusSet
    /// The numbers of the training and of the test images in the lists, such as 1518878.010042.
    let numbers: (training: [Double], test: [Double])

    /// Reads `images_256.npz`, the lists of image names and the class index in a folder.
    init(contentsOf folder: URL) throws {
        let path = folder.appendingPathComponent("images_256.npz").path
        let archive = try NPZ(path: path)
        let classes = try ImageNetClassIndex(contentsOf: folder.appendingPathComponent("imagenet_class_index.json"))
        var order: [String: Int] = [:]
        let read = { (part: String, list: String) in
            let images = try Image8.images(archive.array("\(part)_images"), name: "\(path): \(part)_images")
            let rows = try ImageListRow.read(folder.appendingPathComponent(list))
            guard rows.count == images.count else {
                throw DatasetError(
                    .inconsistent,
                    folder.path,
                    "\(list) names \(rows.count) images, \(part)_images has \(images.count)"
                )
            }
            let categories = try rows.map { row in
                guard let index = classes[row.synset] else {
                    throw DatasetError(.unknownName, list, "\(row.synset) is not in imagenet_class_index.json")
                }
                let naive = order[row.synset] ?? order.count
                order[row.synset] = naive
                return StimulusCategory(synset: row.synset, classIndex: index, naiveIndex: naive)
            }
            return (StimulusSet(images: images, names: rows.map(\.name), categories: categories), rows.map(\.number))
        }
        let training = try read("train", "imagenet_training_label.csv")
        let test = try read("test", "imagenet_testing_label.csv")
        (self.training, self.test, numbers) = (training.0, test.0, (training.1, test.1))
    }
}

/// A row of a list of images: `1518878.010042,n01518878_10042.JPEG`.
struct ImageListRow {
    let number: Double
    let synset: String
    let name: String

    static func read(_ url: URL) throws -> [ImageListRow] {
        try DatasetFile.text(url).split(whereSeparator: \.isNewline).map { line in
            guard let row = ImageListRow(line) else {
                let detail = "the line \(line.prefix(60)) is not a number and the name that belongs to it"
                throw DatasetError(.malformed, url.path, detail)
            }
            return row
        }
    }

    /// Reads a line; the name repeats what the number says.
    private init?(_ line: Substring) {
        let marks = CharacterSet.whitespaces.union(CharacterSet(charactersIn: "\""))
        let columns = line.split(separator: ",").map { $0.trimmingCharacters(in: marks) }
        guard columns.count >= 2, let number = Double(columns[0]) else { return nil }
        let parts = columns[0].split(separator: ".")
        guard parts.count == 2, parts[1].count <= 6, parts.allSatisfy({ $0.allSatisfy(\.isNumber) }),
            let image = Int(parts[1] + String(repeating: "0", count: 6 - parts[1].count))
        else { return nil }
        synset = "n" + String(repeating: "0", count: max(0, 8 - parts[0].count)) + parts[0]
        (self.number, name) = (number, columns[1])
        guard name.prefix(while: { $0 != "." }) == "\(synset)_\(image)" else { return nil }
    }
}
