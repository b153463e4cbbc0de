/// The names of a session's files in BIDS.
struct BIDSNames {
    let subject: String
    let session: String

    /// Makes labels of letters and digits, as BIDS wants them.
    init(_ session: SessionRecord) {
        subject = Self.label(session.subject ?? "", or: "unknown")
        self.session = Self.label(session.name, or: "01")
    }

    /// The folder of the functional data, within a data set.
    var folder: String { "sub-\(subject)/ses-\(session)/func" }

    /// What the names of a run's files begin with; runs are counted from 1.
    func prefix(_ run: RunRecord, number: Int) -> String {
        let task = Self.label(run.task ?? "", or: "decoding")
        return "sub-\(subject)_ses-\(session)_task-\(task)_run-\(number < 10 ? "0" : "")\(number)_"
    }

    private static func label(_ text: String, or standard: String) -> String {
        let label = text.filter { $0.isASCII && ($0.isLetter || $0.isNumber) }
        return label.isEmpty ? standard : label
    }
}
