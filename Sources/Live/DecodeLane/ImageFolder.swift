import Foundation
import Neuroimaging

/// A folder that each image is also written to, for displays that watch folders.
struct ImageFolder: Sendable {
    /// The folder; made when the first image comes.
    let path: String

    /// Writes a file that appears whole; returns what went wrong, if anything did.
    func write(_ png: [UInt8], trial: WaitingTrial, sample: Int) -> SourceFault? {
        let name = String(format: "%@_%@_trial-%04d_sample-%02d.png", trial.session, trial.run, trial.trial, sample)
        let url = URL(fileURLWithPath: path).appendingPathComponent(name.replacingOccurrences(of: "/", with: "-"))
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            try Data(png).write(to: url, options: .atomic)
            return nil
        } catch {
            return SourceFault(.unavailable, url.path, "the image cannot be written: \(error.localizedDescription)")
        }
    }
}
