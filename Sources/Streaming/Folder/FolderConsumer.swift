import Foundation
import Neuroimaging
import Settings

/// Takes files that are whole: sorts them into runs and hands on their volumes.
struct FolderConsumer {
    typealias Instant = ContinuousClock.Instant

    private let wake: WakeSignal
    private var names = FolderRunNames()
    private var dicom: DICOMIntake
    private var nifti: NIfTIIntake
    private var runs: FolderRuns
    private var lastVolume: Instant?
    /// The run that began last, which may be over after a silence.
    private var lastRun: String?

    /// Whether volumes come at once that were acquired one after another.
    var isPaced = false

    /// The least time between volumes that come at once: whoever takes them in keeps up with volumes in time only.
    private static let pace = Duration.milliseconds(100)

    init(
        settings: FolderInputSettings,
        root: String,
        session: String,
        defaults: SessionDefaults,
        wake: WakeSignal,
        deliver: @escaping (ScannerInput) -> Void
    ) {
        self.wake = wake
        dicom = DICOMIntake(settings: settings, session: defaults)
        nifti = NIfTIIntake(root: root, session: defaults)
        runs = FolderRuns(session: session, silence: .seconds(settings.silence), deliver: deliver)
    }

    /// When something is to be done even if nothing comes.
    var deadline: Instant? { runs.deadline }

    /// Passes a fault on.
    func fault(_ code: SourceFault.Code, _ subject: String, _ detail: String) {
        runs.fault(SourceFault(code, subject, detail))
    }

    /// Gives the series of a file its name before it is read.
    mutating func name(_ image: DICOMImage) { dicom.name(image, names: &names) }

    /// Takes a file.
    ///
    /// - Throws: ``FolderFile/Problem`` where it is not whole.
    mutating func take(_ file: FolderFile, path: String, arrival: Arrival) throws(FolderFile.Problem) {
        switch file {
        case .dicom(let image):
            for output in dicom.take(image, path: path, names: &names) { hand(on: output, arrival) }
        case .nifti(let reader):
            let content = try nifti.take(reader, path: path, names: &names)
            let wasPaced = isPaced
            isPaced = isPaced || content.count > 1
            defer { isPaced = wasPaced }
            for place in 0..<content.count where !wake.isSignalled {
                do throws(NeuroimagingError) {
                    let volume = try content.volume(place)
                    let index = content.firstIndex + place
                    hand(on: .volume(content.run, index: index, volume, acquiredAt: nil), arrival)
                } catch {
                    throw FolderFile.problem(error)
                }
            }
        }
    }

    /// Ends the run that goes on if nothing has come for it for long.
    mutating func expire(at now: Instant) {
        guard let open = runs.open, let deadline = runs.deadline, now >= deadline else { return }
        // What can be told to be whole only at the end comes now; the scanner may yet go on.
        let arrival = Arrival(instant: now, time: Date().timeIntervalSince1970)
        for output in dicom.finish(open.run.key, isOver: false) { pass(output, arrival) }
        runs.end("no volume came for some time")
    }

    private mutating func hand(on output: FolderOutput, _ arrival: Arrival) {
        if case .volume(let run, _, _, _) = output {
            endRun(before: run, arrival)
            if isPaced, let lastVolume {
                while !wake.isSignalled, ContinuousClock.now < lastVolume + Self.pace {
                    _ = wake.wait(milliseconds: (lastVolume + Self.pace).millisecondsFromNow)
                }
            }
            lastVolume = .now
        }
        pass(output, arrival)
    }

    /// Ends the run before, after its last volumes; what comes for it later does not end the run that begins now.
    private mutating func endRun(before run: FolderRun, _ arrival: Arrival) {
        guard lastRun != run.key else { return }
        if let before = lastRun {
            let outputs = dicom.finish(before, isOver: true)
            for output in outputs {
                // After a silence it has been said already which volumes are whole.
                if case .volume = output, runs.open == nil { continue }
                pass(output, arrival)
            }
            nifti.finish(before)
            runs.end("\(run.name) began")
        }
        lastRun = run.key
    }

    private mutating func pass(_ output: FolderOutput, _ arrival: Arrival) {
        switch output {
        case .volume(let run, let index, let volume, let time):
            runs.volume(run, index: index, volume, acquiredAt: time, arrival: arrival)
        case .fault(let fault): runs.fault(fault)
        }
    }
}
