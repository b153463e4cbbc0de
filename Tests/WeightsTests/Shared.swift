import Foundation
import SharedMaterial

/// The shared material by path, as the readers of weight files take it.
enum Shared {
    static var isPresent: Bool { SharedMaterial.isPresent }
    static func path(_ relative: String) -> String {
        (SharedMaterial.root?.path ?? "") + "/" + relative
    }

    static func files(below folder: String, suffix: String) -> [String] {
        let base = path(folder)
        let names = FileManager.default.enumerator(atPath: base)?.compactMap { $0 as? String } ?? []
        return names.filter { $0.hasSuffix(suffix) }.sorted().map { base + "/" + $0 }
    }
}
