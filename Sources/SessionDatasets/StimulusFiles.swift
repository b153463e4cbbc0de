import Foundation
import Images
import Sessions
import Training

/// The files of a folder that events name.
struct StimulusFiles {
    let folder: URL

    /// The image of an event, or nil if it names none.
    ///
    /// `stim_file` is a path in the folder, with or without `stimuli/` before it; what is only called like the condition
    /// may have any extension of an image.
    func file(of event: EventRecord) throws -> URL? {
        guard let path = event.stimulusFile, !path.isEmpty else {
            return event.trialType.flatMap { type in
                ImageFile.Format.allCases.flatMap(\.extensions).lazy.compactMap { existing("\(type).\($0)") }.first
            }
        }
        let short = path.hasPrefix("stimuli/") ? String(path.dropFirst("stimuli/".count)) : path
        if let file = existing(path) ?? existing(short) { return file }
        throw DatasetError(.unknownName, folder.path, "the image \(path) of an event is not in it")
    }

    /// What an image is called in the data set.
    func name(_ file: URL) -> String { String(file.path.dropFirst(folder.path.count + 1)) }

    private func existing(_ path: String) -> URL? {
        // Events come from outside: none leads out of the folder.
        guard !path.hasPrefix("/"), !path.split(separator: "/").contains("..") else { return nil }
        let url = folder.appendingPathComponent(path)
        return FileManager.default.fileExists(atPath: url.path) ? url : nil
    }
}
