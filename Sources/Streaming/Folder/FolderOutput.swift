import Neuroimaging

/// A run that is in a folder.
struct FolderRun: Sendable {
    /// What tells it from all others: a Series Instance UID, or a name.
    var key: String
    var name: String
    var subject: String?
    var task: String?
    var repetitionTime: Double?
    var plannedVolumes: Int?
}

/// What comes of a file.
enum FolderOutput {
    /// A volume that is whole.
    case volume(FolderRun, index: Int, StoredVolume, acquiredAt: Double?)
    /// Something that was wrong.
    case fault(SourceFault)
}
