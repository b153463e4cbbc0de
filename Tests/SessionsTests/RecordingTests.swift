import Foundation
import Neuroimaging
import Testing

@testable import Sessions

@Suite("A recording")
struct RecordingTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test("gives back volumes of every type as they came", arguments: NIfTIDataType.allCases.filter(\.isScalar))
    func roundTrip(dataType: NIfTIDataType) throws {
        for compresses in [false, true] {
            let url = folder.file("\(dataType)-\(compresses).h5")
            let description = SampleVolumes.description(dataType)
            let writer = try RecordingWriter(url: url, description: description, compresses: compresses)
            let volumes = try (0..<5).map { try SampleVolumes.volume($0, dataType) }
            for (place, volume) in volumes.enumerated() { #expect(try writer.append(volume) == place) }
            try writer.close()
            let reader = try RecordingReader(url: url)
            #expect(reader.description == description)
            #expect(reader.count == 5)
            #expect(reader.indices == [0, 2, 4, 6, 8])
            #expect(reader.arrivals == [0, 1, 2, 3, 4])
            for (place, volume) in volumes.enumerated() { #expect(try reader.volume(place) == volume) }
        }
    }

    @Test("is readable by others while it is being written")
    func concurrentReading() throws {
        let url = folder.file("live.h5")
        let writer = try RecordingWriter(url: url, description: SampleVolumes.description())
        #expect(try RecordingReader(url: url).count == 0)
        for number in 0..<150 {
            _ = try writer.append(SampleVolumes.volume(number))
            try writer.flush()
            guard number % 30 == 0 else { continue }
            let reader = try RecordingReader(url: url)
            #expect(reader.count == number + 1)
            #expect(try reader.volume(number) == SampleVolumes.volume(number))
        }
        try writer.close()
    }

    @Test("is never appended to, and takes only volumes of its grid and type")
    func refusals() throws {
        let url = folder.file("a.h5")
        let writer = try RecordingWriter(url: url, description: SampleVolumes.description())
        _ = try writer.append(SampleVolumes.volume(0))
        let other = #expect(throws: SessionError.self) { try writer.append(SampleVolumes.volume(1, .float32)) }
        #expect(other?.code == .inconsistent)
        #expect(try writer.append(SampleVolumes.volume(1)) == 1)
        try writer.close()
        let again = #expect(throws: SessionError.self) {
            try RecordingWriter(url: url, description: SampleVolumes.description())
        }
        #expect(again?.code == .inconsistent)
        #expect(throws: SessionError.self) { try writer.append(SampleVolumes.volume(2)) }
        #expect(try RecordingReader(url: url).count == 2)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["a.h5"])
    }
}
