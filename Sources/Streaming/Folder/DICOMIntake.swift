import Foundation
import Neuroimaging
import Settings

/// Makes volumes of the DICOM files of a folder: by what is in them, never by their names.
struct DICOMIntake {
    /// A series that has been seen.
    private struct Series {
        var run: FolderRun
        var assembler = DICOMAssembler()
        var clock: SeriesClock
        var channel: String?
        /// Why files that come now are left out, once that has been said.
        var isOver = false
        var lateFiles = 0
    }

    /// The most slices that wait for others of their volumes.
    static let waitingLimit = 4096

    private let settings: FolderInputSettings
    private let session: SessionDefaults
    private var series: [String: Series] = [:]
    private var ignored: Set<String> = []

    init(settings: FolderInputSettings, session: SessionDefaults) {
        (self.settings, self.session) = (settings, session)
    }

    /// Takes a file and gives what it completes.
    mutating func take(_ image: DICOMImage, path: String, names: inout FolderRunNames) -> [FolderOutput] {
        let key = image.seriesInstance
        guard !ignored.contains(key) else { return [] }
        if series[key] == nil {
            let name = "series \(image.seriesNumber.map(String.init) ?? "without number") (\(image.seriesDescription))"
            if let reason = reasonToIgnore(image) {
                ignored.insert(key)
                return [.fault(SourceFault(.foreign, name, "left out: \(reason)"))]
            }
            series[key] = newSeries(image, names: &names)
        }
        guard var series = series[key] else { return [] }
        defer { self.series[key] = series }
        guard !series.isOver else {
            series.lateFiles += 1
            let detail = "came after its run \(series.run.name) was over: another run began"
            return series.lateFiles > 1
                ? [] : [.fault(SourceFault(.lost, path, detail + "; so will be all that come for that run"))]
        }
        let before = series.assembler.issues.count
        do throws(NeuroimagingError) {
            let volumes = try series.assembler.add(image)
            var outputs = Self.outputs(volumes, &series)
            if series.assembler.issues.count > before {
                outputs.append(.fault(SourceFault(.duplicate, path, "holds an image that came before; left out")))
            }
            if series.assembler.waitingSlices > Self.waitingLimit {
                let detail = "more than \(Self.waitingLimit) slices wait for others: they are sorted as they are"
                outputs.append(.fault(SourceFault(.lost, series.run.name, detail)))
                outputs += Self.finish(&series)
            }
            return outputs
        } catch {
            return [.fault(SourceFault(.malformed, path, error.description))]
        }
    }

    /// Gives what can be told to be whole now that nothing more is expected, and says what is missing.
    ///
    /// - Parameter isOver: Whether files that come later are left out. Otherwise slices go on waiting.
    mutating func finish(_ key: String, isOver: Bool) -> [FolderOutput] {
        guard var series = series[key], !series.isOver else { return [] }
        let outputs: [FolderOutput]
        if isOver {
            outputs = Self.finish(&series)
            series.assembler = DICOMAssembler()
            series.isOver = true
        } else {
            var copy = series
            outputs = Self.finish(&copy)
            (series.clock, series.channel) = (copy.clock, copy.channel)
        }
        self.series[key] = series
        return outputs
    }

    /// Gives a series of this folder its name before its files are read.
    mutating func name(_ image: DICOMImage, names: inout FolderRunNames) {
        guard reasonToIgnore(image) == nil else { return }
        _ = names.name(of: image.seriesInstance, wish: Self.name(image))
    }

    private static func name(_ image: DICOMImage) -> String {
        image.seriesNumber.map { "series-\($0)" } ?? "series"
    }

    private func newSeries(_ image: DICOMImage, names: inout FolderRunNames) -> Series {
        let run = FolderRun(
            key: image.seriesInstance,
            name: names.name(of: image.seriesInstance, wish: Self.name(image)),
            subject: session.subject,
            task: session.task,
            repetitionTime: image.repetitionTime ?? session.repetitionTime,
            plannedVolumes: image.plannedVolumes
        )
        return Series(
            run: run,
            clock: SeriesClock(repetitionTime: run.repetitionTime, offsetFromUTC: image.offsetFromUTC)
        )
    }

    private func reasonToIgnore(_ image: DICOMImage) -> String? {
        if let number = settings.series {
            return image.seriesNumber == number ? nil : "the input is series \(number)"
        }
        switch (image.role, settings.motionCorrection) {
        case (.functional, .raw), (.motionCorrected, .corrected): return nil
        case (.functional, .corrected): return "it is not motion-corrected"
        case (.motionCorrected, .raw): return "it was motion-corrected by the scanner"
        case (.other(let kind), _): return "it is \(kind)"
        }
    }

    private static func outputs(_ volumes: [DICOMVolume], _ series: inout Series) -> [FolderOutput] {
        var outputs: [FolderOutput] = []
        for volume in volumes {
            if series.channel == nil { series.channel = volume.series.channel }
            // Other echoes and components of an enhanced file come with the first.
            guard series.channel == volume.series.channel else { continue }
            let time = series.clock.time(
                ofVolume: volume.temporalPosition,
                day: volume.acquisitionDay,
                secondsAfterMidnight: volume.acquisitionTime
            )
            outputs.append(
                .volume(series.run, index: volume.temporalPosition, StoredVolume(volume.volume), acquiredAt: time)
            )
        }
        return outputs
    }

    private static func finish(_ series: inout Series) -> [FolderOutput] {
        let before = series.assembler.issues.count
        let volumes = series.assembler.finish()
        var outputs = outputs(volumes, &series)
        for case .incomplete(_, let volume) in series.assembler.issues.dropFirst(before) {
            let detail = "has \(volume.slices) of \(volume.expected) slices and was left out"
            outputs.append(
                .fault(SourceFault(.lost, "\(series.run.name) volume \(volume.temporalPosition)", detail))
            )
        }
        return outputs
    }
}
