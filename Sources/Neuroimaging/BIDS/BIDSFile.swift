import Foundation

/// The name of a BIDS file, and the files that belong to it.
///
/// A name is made of entities, a suffix and an extension: `sub-01_task-rest_run-02_bold.nii.gz`.
public struct BIDSFile: Sendable, Equatable {
    /// The file.
    public let url: URL
    /// The entities by key, such as `sub`, `task` and `run`.
    public let entities: [String: String]
    /// What kind of data it is, such as `bold` or `events`.
    public let suffix: String
    /// The extension from the first dot on, such as `.nii.gz`.
    public let fileExtension: String

    /// Takes a name apart, or gives nothing where it is no BIDS name.
    public init?(_ url: URL) {
        let name = url.lastPathComponent
        let stem = name.prefix { $0 != "." }
        let parts = stem.split(separator: "_", omittingEmptySubsequences: false)
        guard let last = parts.last, !last.isEmpty, !last.contains("-") else { return nil }
        var entities: [String: String] = [:]
        for part in parts.dropLast() {
            let pair = part.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2, !pair[0].isEmpty, !pair[1].isEmpty else { return nil }
            guard entities.updateValue(String(pair[1]), forKey: String(pair[0])) == nil else { return nil }
        }
        self.url = url
        self.entities = entities
        suffix = String(last)
        fileExtension = String(name.dropFirst(stem.count))
    }

    /// The events of a run, or nothing where there are none: the nearest `_events.tsv` in the run's folder or above.
    ///
    /// - Throws: `NeuroimagingError`.
    public func events() throws -> EventTable? {
        guard let file = try inherited(suffix: "events", fileExtension: ".tsv").last else { return nil }
        return try EventTable(contentsOf: file.url)
    }

    /// How a run was acquired, from all its `_bold.json` files, or nothing where there are none.
    ///
    /// - Throws: `NeuroimagingError`.
    public func metadata() throws -> BoldMetadata? {
        let files = try inherited(suffix: suffix, fileExtension: ".json")
        guard let nearest = files.last else { return nil }
        let sidecars = try files.map { try FileContent.read($0.url, limit: 1 << 24) }
        return try BoldMetadata(json: sidecars, name: nearest.url.path)
    }

    /// The files that tell about this one by BIDS's inheritance principle, the nearest last.
    ///
    /// They lie in its folder or in folders above it, up to the one that holds `dataset_description.json`, and all their
    /// entities are among this file's. Outside of a data set only its own folder counts.
    /// - Throws: `NeuroimagingError` where two files of one folder would do.
    public func inherited(suffix: String, fileExtension: String) throws -> [BIDSFile] {
        var result: [BIDSFile] = []
        for folder in folders() {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
            let files = names.sorted().compactMap { BIDSFile(folder.appendingPathComponent($0)) }.filter { file in
                file.suffix == suffix && file.fileExtension == fileExtension
                    && file.entities.allSatisfy { entities[$0.key] == $0.value }
            }
            let most = files.map(\.entities.count).max() ?? 0
            let nearest = files.filter { $0.entities.count == most }
            guard nearest.count < 2 else {
                let found = nearest.map(\.url.lastPathComponent).joined(separator: " and ")
                throw NeuroimagingError(
                    .inconsistent,
                    url.path,
                    "both \(found) in \(folder.path) would apply; keep one of them"
                )
            }
            result = nearest + result
        }
        return result
    }

    /// The file's folder and those above it within the data set, the nearest first.
    private func folders() -> [URL] {
        let own = url.standardizedFileURL.deletingLastPathComponent()
        var folders = [own]
        // A run lies at most three folders deep: sub-01/ses-01/func.
        for _ in 0...3 {
            guard let folder = folders.last else { break }
            let description = folder.appendingPathComponent("dataset_description.json")
            if FileManager.default.fileExists(atPath: description.path) { return folders }
            folders.append(folder.deletingLastPathComponent())
        }
        return [own]
    }
}
