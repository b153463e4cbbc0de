import Foundation

/// JSON headers, with sorted keys so that the same header is always the same bytes.
enum HeaderCoding {
    static func encode(_ header: some Encodable) throws(WireError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return try [UInt8](encoder.encode(header))
        } catch {
            throw wireError(error)
        }
    }

    static func decode<Header: Decodable>(
        _ type: Header.Type,
        from bytes: [UInt8],
        _ limits: MessageLimits
    ) throws(WireError) -> Header {
        guard bytes.count <= limits.headerBytes else {
            throw WireError(.tooLarge, "header", "has \(bytes.count) bytes; at most \(limits.headerBytes) are taken")
        }
        try checkDepth(bytes, limits)
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch {
            throw wireError(error)
        }
    }

    /// The JSON decoder recurses, so nesting is bounded before it starts.
    private static func checkDepth(_ bytes: [UInt8], _ limits: MessageLimits) throws(WireError) {
        var depth = 0
        var isText = false
        var isEscaped = false
        for byte in bytes {
            if isText {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isText = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isText = true
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            default: break
            }
            guard depth <= limits.depth else {
                throw WireError(.tooLarge, "header", "is nested more than \(limits.depth) deep")
            }
        }
    }

    private static func wireError(_ error: any Error) -> WireError {
        switch error {
        case let error as WireError: error
        case DecodingError.keyNotFound(let key, let context):
            WireError(.malformed, "header", "has no \(path(context.codingPath + [key]))")
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
            WireError(.malformed, "header", "\(path(context.codingPath)): \(context.debugDescription)")
        case DecodingError.dataCorrupted(let context):
            WireError(.malformed, "header", "\(path(context.codingPath)): \(context.debugDescription)")
        case EncodingError.invalidValue(let value, let context):
            WireError(.malformed, "header", "\(path(context.codingPath)) cannot be \(value)")
        default: WireError(.malformed, "header", "\(error)")
        }
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        keys.isEmpty ? "it" : keys.map(\.stringValue).joined(separator: ".")
    }
}
