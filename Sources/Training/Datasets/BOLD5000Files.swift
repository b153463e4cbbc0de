import Foundation
import Images
import Weights

/// The files of one subject of BOLD5000.
struct BOLD5000Files {
    let folder: URL
    let subject: String

    private var stimuli: URL { folder.appendingPathComponent("BOLD5000_Stimuli") }
    private var scenes: URL { stimuli.appendingPathComponent("Scene_Stimuli") }
    var presentationLists: URL { stimuli.appendingPathComponent("Stimuli_Presentation_Lists") }
    var presentationList: URL { presentationLists.appendingPathComponent(subject) }

    /// The responses of all trials, `[trials, voxels]`, the regions side by side, in each the files by name.
    func responses(regions: [String]) throws -> ResponseMatrix {
        let betas = folder.appendingPathComponent("BOLD5000_GLMsingle_ROI_betas/py")
        let names = try DatasetFile.names(in: betas).filter { $0.hasPrefix("\(subject)_") }
        let parts = try regions.flatMap { region in
            let files = try ["LH", "RH"].map { hemisphere in
                guard let file = names.first(where: { $0.hasSuffix("_\(hemisphere)\(region).npy") }) else {
                    let detail = "there is no file …_\(hemisphere)\(region).npy of \(subject)"
                    throw DatasetError(.unreadable, betas.path, detail)
                }
                return file
            }
            return try files.map { name in
                let path = betas.appendingPathComponent(name).path
                return try ResponseMatrix(NPY.read(path: path), name: path)
            }
        }
        guard let first = parts.first, parts.allSatisfy({ $0.rows == first.rows }) else {
            throw DatasetError(.inconsistent, betas.path, "the regions of \(subject) have different numbers of trials")
        }
        return .joined(parts)
    }

    /// The image of every trial, in the order of presentation; a repetition bears the name of what it repeats.
    func trialNames() throws -> [String] {
        try DatasetFile.names(in: presentationList).flatMap { session -> [String] in
            let session = presentationList.appendingPathComponent(session)
            guard DatasetFile.isFolder(session) else { return [] }
            return try DatasetFile.names(in: session).filter { $0.hasSuffix(".txt") }.flatMap { run in
                try words(session.appendingPathComponent(run)).map {
                    $0.hasPrefix("rep_") ? String($0.dropFirst(4)) : $0
                }
            }
        }
    }

    /// The images whose trials are averaged for testing.
    func repeatedNames() throws -> [String] {
        try words(scenes.appendingPathComponent("repeated_stimuli_113_list.txt"))
    }

    /// The images of those names, from the dictionary `img_dict.npy` or else from PNG files in the same folder.
    func images(named names: Set<String>) throws -> [String: Image8] {
        let presented = scenes.appendingPathComponent("Presented_Stimuli")
        let dictionary = presented.appendingPathComponent("img_dict.npy")
        return FileManager.default.fileExists(atPath: dictionary.path)
            ? try StimulusImages.dictionary(dictionary, names: names)
            : try StimulusImages.folder(presented, names: names)
    }

    private func words(_ url: URL) throws -> [String] {
        try DatasetFile.text(url).split(whereSeparator: \.isWhitespace).map(String.init)
    }
}

/// Images by name.
enum StimulusImages {
    /// The images of a npy file that holds a Python dictionary from names to arrays `[height, width, 3]`.
    static func dictionary(_ url: URL, names: Set<String>) throws -> [String: Image8] {
        guard let entries = try NPY.objects(path: url.path).first?.entries else {
            throw DatasetError(.malformed, url.path, "not a dictionary of images")
        }
        var images: [String: Image8] = [:]
        for (name, value) in entries where names.contains(name) {
            let subject = "\(url.path): \(name)"
            guard let array = try value.numpyArray(subject: subject) else {
                throw DatasetError(.malformed, subject, "not an array")
            }
            images[name] = try Image8.image(array, name: subject)
        }
        return try complete(images, names, url)
    }

    /// PNG images of a folder, named as the stimuli, with the extension `png` in place of or behind another one.
    static func folder(_ url: URL, names: Set<String>) throws -> [String: Image8] {
        var images: [String: Image8] = [:]
        for name in names {
            let stem = url.appendingPathComponent(name).deletingPathExtension().lastPathComponent
            let file = [name, "\(name).png", "\(stem).png"].map { url.appendingPathComponent($0) }
                .first { $0.pathExtension == "png" && FileManager.default.fileExists(atPath: $0.path) }
            if let file { images[name] = try PNG.read(file) }
        }
        return try complete(images, names, url)
    }

    private static func complete(
        _ images: [String: Image8],
        _ names: Set<String>,
        _ url: URL
    ) throws -> [String: Image8] {
        let missing = names.filter { images[$0] == nil }.sorted()
        guard let first = missing.first else { return images }
        throw DatasetError(.unknownName, url.path, "\(missing.count) images are missing, the first is \(first)")
    }
}
