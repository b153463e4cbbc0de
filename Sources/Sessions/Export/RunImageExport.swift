import Foundation
import Neuroimaging

/// Writes the recorded volumes of a run as one NIfTI image.
struct RunImageExport {
    /// The number of volumes of the image, 0 where nothing was recorded.
    private(set) var count = 0
    /// The numbers of the volumes that are not there, and hold zeros in the image.
    private(set) var missing: [Int] = []
    /// What could not be read.
    private(set) var problems: [String] = []

    /// Where a volume is.
    private struct Place {
        var reader: RecordingReader
        var place: Int
    }

    /// Writes the image; volume n of it is number n of the run, so that times stay right where some were lost.
    ///
    /// Numbers are written as they were stored if all volumes have the same type and scale, else in single precision.
    init(_ run: RunRecord, volumes: [VolumeRecord], session: String, store: SessionStore, path: String) throws {
        let places = find(volumes, session: session, store: store)
        count = (places.keys.max() ?? -1) + 1
        guard count <= 1_000_000 else {
            throw SessionError(.damaged, run.name, "has a volume of number \(count - 1), which is no run's")
        }
        guard let first = places.min(by: { $0.key < $1.key })?.value else { return }
        let grid = first.reader.description.grid
        guard places.values.allSatisfy({ $0.reader.description.grid == grid }) else {
            throw SessionError(.inconsistent, run.name, "its volumes have different grids, which no image can hold")
        }
        let scale = Self.commonScale(places.values, first)
        var header = NIfTIHeader(
            grid: grid,
            volumes: count,
            repetitionTime: run.repetitionTime,
            dataType: scale == nil ? .float32 : first.reader.description.dataType
        )
        if let scale { header.scaling = scale }
        let writer = try NIfTIWriter(path: path, header: header)
        for index in 0..<count {
            do {
                guard let place = places[index] else {
                    throw SessionError(
                        .missing,
                        run.name,
                        "volume \(index) was not recorded; the image has zeros there"
                    )
                }
                let volume = try place.reader.volume(place.place).volume
                if scale == nil { try writer.append(volume.volume) } else { try writer.append(volume) }
            } catch let error as SessionError {
                missing.append(index)
                if error.code != .missing { problems.append("\(error)") }
                try writer.appendZeros()
            }
        }
        try writer.finish()
    }

    private mutating func find(_ volumes: [VolumeRecord], session: String, store: SessionStore) -> [Int: Place] {
        var (readers, places): ([String: RecordingReader?], [Int: Place]) = ([:], [:])
        for volume in volumes where places[volume.index] == nil {
            guard let name = volume.recording, let place = volume.place, volume.index >= 0 else { continue }
            if readers[name] == nil {
                do throws(SessionError) {
                    readers[name] = try RecordingReader(url: store.recording(name, ofSession: session))
                } catch {
                    readers[name] = .some(nil)
                    problems.append("\(error)")
                }
            }
            guard let reader = readers[name] ?? nil else { continue }
            guard place < reader.count else {
                problems.append("\(reader.url.path): volume \(volume.index) is not in it any more")
                continue
            }
            places[volume.index] = Place(reader: reader, place: place)
        }
        return places
    }

    /// The scale of all volumes; nil if they differ, or if the type is none that is written.
    private static func commonScale(
        _ places: some Collection<Place>,
        _ example: Place
    ) -> (slope: Double, intercept: Double)? {
        let dataType = example.reader.description.dataType
        let scale = example.reader.scale(example.place)
        // A header with the slope 0 says that there is no scale.
        guard dataType != .float128, scale.slope != 0 else { return nil }
        let isCommon = places.allSatisfy { place in
            let other = place.reader.scale(place.place)
            return place.reader.description.dataType == dataType && other == scale
        }
        return isCommon ? scale : nil
    }
}
