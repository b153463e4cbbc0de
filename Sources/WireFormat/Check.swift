/// Ranges that fields must keep to.
enum Check {
    static func name(_ text: String, _ field: String, _ limits: MessageLimits) throws(WireError) {
        try self.text(text, field, limits.nameLength)
        guard !text.isEmpty, !text.utf8.contains(UInt8(ascii: "/")) else {
            throw WireError(
                .malformed,
                field,
                "is empty or has a slash; a name has 1 to \(limits.nameLength) characters"
            )
        }
    }

    static func name(_ text: String?, _ field: String, _ limits: MessageLimits) throws(WireError) {
        if let text { try name(text, field, limits) }
    }

    static func text(_ text: String?, _ field: String, _ most: Int) throws(WireError) {
        guard let text else { return }
        guard text.utf8.count <= most * 4, text.unicodeScalars.count <= most else {
            throw WireError(.tooLarge, field, "has more than \(most) characters")
        }
        guard !text.unicodeScalars.contains(where: { $0.value < 32 || (127...159).contains($0.value) }) else {
            throw WireError(.malformed, field, "has control characters")
        }
    }

    static func texts(_ texts: [String], _ field: String, _ limits: MessageLimits) throws(WireError) {
        try count(texts.count, field, limits)
        for text in texts { try self.text(text, field, limits.textLength) }
    }

    static func count(_ count: Int, _ field: String, _ limits: MessageLimits) throws(WireError) {
        guard count <= limits.entries else {
            throw WireError(.tooLarge, field, "has \(count) entries; at most \(limits.entries) are taken")
        }
    }

    static func index(_ index: Int, _ field: String, _ limits: MessageLimits) throws(WireError) {
        guard index >= 0 else { throw WireError(.malformed, field, "is \(index); it counts from 0") }
        guard index <= limits.index else {
            throw WireError(.tooLarge, field, "is \(index); at most \(limits.index) is taken")
        }
    }

    static func index(_ index: Int?, _ field: String, _ limits: MessageLimits) throws(WireError) {
        if let index { try self.index(index, field, limits) }
    }

    static func finite(_ value: Double?, _ field: String) throws(WireError) {
        if let value, !value.isFinite { throw WireError(.malformed, field, "is not a finite number") }
    }

    static func finite(_ values: [Double], _ field: String) throws(WireError) {
        for value in values { try finite(value, field) }
    }

    /// Seconds since 1970, before the year 5138.
    static func time(_ value: Double?, _ field: String) throws(WireError) {
        if let value, !(value >= 0 && value < 1e11) {
            throw WireError(.malformed, field, "is \(value); a time is in seconds since 1970")
        }
    }

    static func repetitionTime(_ value: Double?) throws(WireError) {
        if let value, !(value > 0 && value < 1000) {
            throw WireError(.malformed, "repetitionTime", "is \(value); it is in seconds, above 0 and under 1000")
        }
    }

    static func latencies(_ values: [String: Double], _ limits: MessageLimits) throws(WireError) {
        try count(values.count, "latencies", limits)
        for (stage, value) in values {
            try name(stage, "latencies", limits)
            try finite(value, "latencies.\(stage)")
        }
    }

    static func noPayload(_ payload: [[UInt8]]) throws(WireError) {
        guard payload.isEmpty else {
            throw WireError(.malformed, "payload", "has \(payload.count) parts where the topic has none")
        }
    }

    static func onePayload(_ payload: [[UInt8]]) throws(WireError) -> [UInt8] {
        guard payload.count == 1 else {
            throw WireError(.malformed, "payload", "has \(payload.count) parts where the topic has one")
        }
        return payload[0]
    }
}
