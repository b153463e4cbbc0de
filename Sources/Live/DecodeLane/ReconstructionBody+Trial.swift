import WireFormat

extension ReconstructionBody {
    /// Describes an image of a trial.
    init(
        _ trial: WaitingTrial,
        _ finished: DecodeLane.Finished,
        isLate: Bool,
        age: Double,
        provenance: Provenance,
        latencies: [String: Double]
    ) {
        let (pattern, image, request) = (trial.pattern, finished.image, finished.request)
        self.init(
            trial: trial.trial,
            onset: pattern.event?.onset,
            trialType: pattern.event?.trialType,
            stimulusFile: pattern.event?.stimulusFile,
            delay: pattern.delay,
            isFinal: pattern.isFinal,
            lastVolume: pattern.lastVolume,
            sample: finished.sample,
            samples: finished.samples,
            sampler: request.method.rawValue,
            steps: image.steps,
            plannedSteps: image.plannedSteps,
            seed: request.noise.seed,
            isCutShort: image.isCutShort,
            isLate: isLate,
            age: age,
            agreement: finished.agreement,
            width: image.image.width,
            height: image.image.height,
            bundle: provenance.bundle ?? "",
            configuration: provenance.configuration,
            standardized: pattern.standardized != nil,
            standardizedBy: pattern.standardizedBy,
            repeats: pattern.repeats,
            doubts: pattern.doubts,
            latencies: latencies
        )
    }
}
